// A test tool, no part of Curfew: runs a program on a machine that seems to lack some system calls.
//
//     deny CALL=ERROR... -- PROGRAM ARGUMENTS...
//     deny new-code -- PROGRAM ARGUMENTS...
//
// CALL is a name from the list below or a number; ERROR likewise. A seccomp filter gives the error for the call, in
// the program and in all that it starts. new-code: memory that was written cannot be made executable, as under
// MemoryDenyWriteExecute=yes of systemd.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace {

struct Name {
    std::string_view name;
    unsigned number;
};

constexpr std::array kCalls{Name{"memfd_create", SYS_memfd_create},
                            Name{"seccomp", SYS_seccomp},
                            Name{"clone3", SYS_clone3},
                            Name{"execveat", SYS_execveat},
                            Name{"pidfd_open", SYS_pidfd_open},
                            Name{"openat2", SYS_openat2},
                            Name{"userfaultfd", SYS_userfaultfd},
                            Name{"madvise", SYS_madvise},
                            Name{"landlock_create_ruleset", SYS_landlock_create_ruleset}};
constexpr std::array kErrors{Name{"ENOSYS", ENOSYS}, Name{"EPERM", EPERM},   Name{"EINVAL", EINVAL},
                             Name{"EACCES", EACCES}, Name{"EMFILE", EMFILE}, Name{"ENOMEM", ENOMEM}};

std::optional<unsigned> look_up(std::string_view word, std::span<const Name> names) {
    for (const Name& each : names) {
        if (each.name == word) return each.number;
    }
    unsigned number = 0;
    const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (status != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return number;
}

int fail(const char* what) {
    std::fprintf(stderr, "deny: ");
    std::perror(what);
    return 125;
}

}  // namespace

int main(int count, char** arguments) {
    std::vector<sock_filter> filter{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    int next = 1;
    for (; next < count && std::string_view(arguments[next]) != "--"; ++next) {
        const std::string_view word = arguments[next];
        if (word == "new-code") {
            constexpr int kSetMdwe = 65, kRefuseExecGain = 1;  // PR_SET_MDWE, since Linux 6.3
            if (prctl(kSetMdwe, kRefuseExecGain, 0, 0, 0) != 0) return fail("denying new code");
            continue;
        }
        const std::size_t equals = word.find('=');
        const auto call = look_up(word.substr(0, equals), kCalls);
        const auto error = equals == std::string_view::npos ? std::nullopt : look_up(word.substr(equals + 1), kErrors);
        if (!call || !error) {
            errno = EINVAL;
            return fail(arguments[next]);
        }
        filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, *call, 0, 1));
        filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (*error & SECCOMP_RET_DATA)));
    }
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    if (next + 1 >= count) {
        std::fputs("Usage: deny CALL=ERROR... -- PROGRAM ARGUMENTS...\n", stderr);
        return 125;
    }

    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("no-new-privileges");
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return fail("seccomp");
    execv(arguments[next + 1], arguments + next + 1);
    return fail(arguments[next + 1]);
}
