// A test tool, no part of Curfew: runs a program under a container's seccomp profile.
//
//     profile FILE -- PROGRAM ARGUMENTS...
//
// FILE is a profile in Docker's format that allows calls by name and gives one error for all others. What else such a file may
// hold (conditions, other actions, more architectures) is not understood, and refused.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Call {
    std::string_view name;
    unsigned number;
};

#define CALL(name) \
    Call { #name, SYS_##name }
constexpr std::array kCalls{CALL(access),
                            CALL(arch_prctl),
                            CALL(brk),
                            CALL(capget),
                            CALL(capset),
                            CALL(chdir),
                            CALL(clock_getres),
                            CALL(clock_gettime),
                            CALL(clock_nanosleep),
                            CALL(clone),
                            CALL(clone3),
                            CALL(close),
                            CALL(close_range),
                            CALL(dup),
                            CALL(dup2),
                            CALL(dup3),
                            CALL(epoll_create1),
                            CALL(epoll_ctl),
                            CALL(epoll_pwait),
                            CALL(epoll_wait),
                            CALL(eventfd2),
                            CALL(execve),
                            CALL(execveat),
                            CALL(exit),
                            CALL(exit_group),
                            CALL(faccessat),
                            CALL(faccessat2),
                            CALL(fcntl),
                            CALL(flock),
                            CALL(fstat),
                            CALL(fstatfs),
                            CALL(fsync),
                            CALL(ftruncate),
                            CALL(futex),
                            CALL(getcpu),
                            CALL(getcwd),
                            CALL(getdents64),
                            CALL(getegid),
                            CALL(geteuid),
                            CALL(getgid),
                            CALL(getpgid),
                            CALL(getpid),
                            CALL(getppid),
                            CALL(getpriority),
                            CALL(getrandom),
                            CALL(getrlimit),
                            CALL(getrusage),
                            CALL(gettid),
                            CALL(gettimeofday),
                            CALL(getuid),
                            CALL(getxattr),
                            CALL(ioctl),
                            CALL(kill),
                            CALL(landlock_add_rule),
                            CALL(landlock_create_ruleset),
                            CALL(landlock_restrict_self),
                            CALL(lseek),
                            CALL(lstat),
                            CALL(madvise),
                            CALL(membarrier),
                            CALL(memfd_create),
                            CALL(mkdir),
                            CALL(mkdirat),
                            CALL(mlock),
                            CALL(mmap),
                            CALL(mprotect),
                            CALL(mremap),
                            Call{"mseal", 462},
                            CALL(munlock),
                            CALL(munmap),
                            CALL(nanosleep),
                            CALL(newfstatat),
                            CALL(open),
                            CALL(openat),
                            CALL(openat2),
                            CALL(pidfd_open),
                            CALL(pidfd_send_signal),
                            CALL(pipe),
                            CALL(pipe2),
                            CALL(poll),
                            CALL(ppoll),
                            CALL(prctl),
                            CALL(pread64),
                            CALL(prlimit64),
                            CALL(pselect6),
                            CALL(pwrite64),
                            CALL(read),
                            CALL(readlink),
                            CALL(readlinkat),
                            CALL(readv),
                            CALL(recvfrom),
                            CALL(recvmsg),
                            CALL(rename),
                            CALL(restart_syscall),
                            CALL(rseq),
                            CALL(rt_sigaction),
                            CALL(rt_sigprocmask),
                            CALL(rt_sigreturn),
                            CALL(rt_sigtimedwait),
                            CALL(sched_getaffinity),
                            CALL(sched_getattr),
                            CALL(sched_getparam),
                            CALL(sched_getscheduler),
                            CALL(sched_setaffinity),
                            CALL(sched_setattr),
                            CALL(sched_setscheduler),
                            CALL(sched_yield),
                            CALL(seccomp),
                            CALL(select),
                            CALL(sendmsg),
                            CALL(sendto),
                            CALL(set_robust_list),
                            CALL(set_tid_address),
                            CALL(setpgid),
                            CALL(setpriority),
                            CALL(setrlimit),
                            CALL(setsid),
                            CALL(sigaltstack),
                            CALL(signalfd4),
                            CALL(socketpair),
                            CALL(stat),
                            CALL(statx),
                            CALL(sysinfo),
                            CALL(tgkill),
                            CALL(timerfd_create),
                            CALL(timerfd_settime),
                            CALL(times),
                            CALL(umask),
                            CALL(uname),
                            CALL(unlink),
                            CALL(unlinkat),
                            CALL(wait4),
                            CALL(waitid),
                            CALL(write),
                            CALL(writev)};
#undef CALL

unsigned number_of(std::string_view name) {
    const auto found = std::ranges::find(kCalls, name, &Call::name);
    if (found == kCalls.end()) throw std::invalid_argument("no number is known here for " + std::string(name));
    return found->number;
}

std::vector<sock_filter> filter_of(const nlohmann::json& profile) {
    if (profile.at("defaultAction") != "SCMP_ACT_ERRNO") throw std::invalid_argument("the default must be an error");
    const auto error = profile.at("defaultErrnoRet").get<unsigned>();
    std::vector<sock_filter> filter{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (const auto& rule : profile.at("syscalls")) {
        if (rule.size() != 2 || rule.at("action") != "SCMP_ACT_ALLOW") {
            throw std::invalid_argument("a rule has names and the action SCMP_ACT_ALLOW, and no more");
        }
        for (const auto& name : rule.at("names")) {
            filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number_of(name.get<std::string>()), 0, 1));
            filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
        }
    }
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error & SECCOMP_RET_DATA)));
    return filter;
}

int fail(const char* what) {
    std::fputs("profile: ", stderr);
    std::perror(what);
    return 125;
}

int run(std::span<char*> arguments) {
    if (arguments.size() < 4 || std::string_view(arguments[2]) != "--") {
        std::fputs("Usage: profile FILE -- PROGRAM ARGUMENTS...\n", stderr);
        return 125;
    }
    std::ifstream file(arguments[1]);
    std::vector<sock_filter> filter = filter_of(nlohmann::json::parse(file));
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("no-new-privileges");
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return fail("seccomp");
    execv(arguments[3], arguments.data() + 3);
    return fail(arguments[3]);
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return run({arguments, static_cast<std::size_t>(count)});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "profile: %s\n", error.what());
        return 125;
    }
}
