#include "cell/process/launcher_start.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "cell/failure.h"
#include "cell/memory_file.h"
#include "cell/process/fault_report.h"
#include "cell/process/launcher_program.h"
#include "cell/process/x86_64/processor.h"
#include "cell/process/x86_64/system_call.h"

#ifndef P_PIDFD
#define P_PIDFD static_cast<idtype_t>(3)
#endif

namespace curfew::cell {

namespace {

constexpr std::size_t kChildStack = 16 << 10;

// What the two children of start_launcher() need. Both share this process's memory until the second one executes the
// launcher, so they must not allocate, lock or return, and call the kernel directly. The first one exists only to make
// the launcher an orphan: executing a program turns any child into one that wait() waits for and that SIGCHLD tells of.
struct Start {
    int socket = -1;
    int host = -1;
    int program = -1;
    unsigned char* launcher_stack_top = nullptr;
    pid_t launcher = 0;
    int launcher_handle = -1;
    int fork_error = 0;
    int descriptor_error = 0;
    int execute_error = 0;
};

#define CURFEW_SHARES_MEMORY __attribute__((no_sanitize("address", "thread", "undefined")))

[[noreturn]] CURFEW_SHARES_MEMORY void leave() {
    for (;;) system_call(SYS_exit_group, 1);
}

CURFEW_SHARES_MEMORY void run_launcher(void* argument) {
    auto* start = static_cast<Start*>(argument);
    // First out of the way of the descriptors that the launcher expects, whatever the host had open or closed.
    const long socket = system_call(SYS_fcntl, start->socket, F_DUPFD, 10);
    const long host = system_call(SYS_fcntl, start->host, F_DUPFD, 10);
    const long program = system_call(SYS_fcntl, start->program, F_DUPFD_CLOEXEC, 10);
    long result = socket < 0 ? socket : host < 0 ? host : program;
    if (result >= 0) result = system_call(SYS_dup2, socket, CURFEW_LAUNCHER_SOCKET);
    if (result >= 0) result = system_call(SYS_dup2, host, CURFEW_LAUNCHER_HOST);
    if (result < 0) {
        start->descriptor_error = static_cast<int>(-result);
        leave();
    }
    char empty[] = "";
    char name[] = "curfew-cell";
    char* arguments[] = {name, nullptr};
    char* environment[] = {nullptr};
    result = system_call(SYS_execveat, program, address_of(empty), address_of(arguments), address_of(environment),
                         AT_EMPTY_PATH);
    start->execute_error = static_cast<int>(-result);
    leave();
}

CURFEW_SHARES_MEMORY void run_parent(void* argument) {
    auto* start = static_cast<Start*>(argument);
    // The pidfd lands in the host's descriptors, which this child shares; the launcher gets a copy of them.
    const long pid = start_child(CLONE_VM | CLONE_VFORK | CLONE_PIDFD, start->launcher_stack_top, run_launcher, start,
                                 &start->launcher_handle);
    if (pid < 0) {
        start->fork_error = static_cast<int>(-pid);
        start->launcher_handle = -1;
    }
    start->launcher = static_cast<pid_t>(pid);
    leave();
}

// Runs both children to the point where the launcher is executing, or is not going to.
void run_children(Start& start) {
    struct alignas(16) Stack {
        std::array<unsigned char, kChildStack> bytes;

        unsigned char* top() noexcept { return bytes.data() + bytes.size(); }
    };
    const auto parent_stack = std::make_unique<Stack>();
    const auto launcher_stack = std::make_unique<Stack>();
    start.launcher_stack_top = launcher_stack->top();
    // No handler of the host may run in the children, which are still in the host's memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const long pid =
        start_child(CLONE_VM | CLONE_VFORK | CLONE_FILES, parent_stack->top(), run_parent, &start, nullptr);
    if (pid < 0) start.fork_error = static_cast<int>(-pid);
    // Without an exit signal nobody else waits for this child, unless with __WALL; then there is nothing left to do.
    if (pid > 0) {
        while (::waitpid(static_cast<pid_t>(pid), nullptr, __WALL) < 0 && errno == EINTR) {
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Result<MemoryFile> launcher_file() {
    const auto bytes = launcher_program();
    auto file = MemoryFile::create("curfew-launcher", bytes.size(), true);
    if (!file) return file;
    if (auto written = file->write(0, bytes); !written) return std::unexpected(written.error());
    if (auto sealed = file->seal(); !sealed) return std::unexpected(sealed.error());
    return file;
}

// What the host itself needs in order to run cells safely, beyond starting them.
Result<void> check_machine() {
    if (!can_reset_registers()) {
        return unavailable(
            "resetting registers", ENOSYS,
            "Cells need the processor's XSAVE instructions: use a processor of 2011 or later, and do not "
            "switch them off (kernel option noxsave, CPU model of the virtual machine).");
    }
    char byte = 0;
    if (::getrandom(&byte, 1, 0) != 1) {
        return unavailable("getrandom", errno, "Let the container's seccomp profile allow getrandom.");
    }
    return {};
}

bool receive_layers(const Descriptor& socket, LayerStates& layers) {
    ssize_t received = 0;
    do {
        received = ::recv(socket.get(), &layers, sizeof layers, 0);
    } while (received < 0 && errno == EINTR);
    return received == static_cast<ssize_t>(sizeof layers);
}

// Those of the calling thread. They can be fewer than the launcher gets, as a program that root starts.
std::uint64_t effective_capabilities() {
    __user_cap_header_struct version{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};
    if (::syscall(SYS_capget, &version, words.data()) != 0) return 0;
    return static_cast<std::uint64_t>(words[1].effective) << 32U | words[0].effective;
}

}  // namespace

Result<Launcher> start_launcher() {
    if (auto checked = check_machine(); !checked) return std::unexpected(checked.error());
    auto program = launcher_file();
    if (!program) return std::unexpected(program.error());
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return unavailable("making a socket", errno, "Raise the limit of open files (ulimit -n).");
    }
    Launcher launcher{.pid = 0, .socket = Descriptor(ends[0]), .handle = {}};
    Descriptor theirs(ends[1]);
    const Descriptor host(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0U)));
    if (!host) {
        return unavailable(
            "pidfd_open", errno,
            "Use Linux 5.9 or later, let the container's seccomp profile allow pidfd_open, and raise the "
            "limit of open files (ulimit -n) if it is reached.");
    }

    const LaunchSettings settings{.capabilities = effective_capabilities()};
    if (::send(launcher.socket.get(), &settings, sizeof settings, MSG_NOSIGNAL) != sizeof settings) {
        return unavailable("sending to a socket", errno, "Let the container's seccomp profile allow sendto.");
    }

    Start start{
        .socket = theirs.get(), .host = host.get(), .program = program->descriptor(), .launcher_stack_top = nullptr};
    run_children(start);
    launcher.pid = start.launcher;
    launcher.handle = Descriptor(start.launcher_handle);
    theirs = Descriptor();  // so that the launcher's death shows as the end of the stream
    if (!launcher.handle) {
        return unavailable("starting a process", start.fork_error,
                           "Raise the limits of processes (ulimit -u) and of open files (ulimit -n).");
    }
    if (start.descriptor_error != 0 || start.execute_error != 0) {
        end_launcher(std::move(launcher));
        if (start.descriptor_error != 0) {
            return unavailable("passing descriptors to the launcher", start.descriptor_error,
                               "Raise the limit of open files (ulimit -n).");
        }
        return unavailable("executing a program from memory", start.execute_error,
                           "Let the container's seccomp profile allow execveat, and memory files be executed (sysctl "
                           "vm.memfd_noexec must be 0 or 1).");
    }

    Answer hello{};
    const bool greeted =
        receive_answer(launcher, hello) && (hello.reply.error != 0 || receive_layers(launcher.socket, launcher.layers));
    const bool same_pids = hello.reply.pid == launcher.pid;
    const int signal_error = send_signal(launcher.handle, 0) ? 0 : errno;
    if (greeted && hello.reply.error == 0 && same_pids && signal_error == 0) return launcher;
    end_launcher(std::move(launcher));
    if (!greeted) {
        return fail(
            ErrorCode::unavailable,
            "no isolation is available here: the launcher of cells ended before it was ready. Check that nothing "
            "kills it, and that this process has not moved its children to another PID namespace "
            "(unshare(CLONE_NEWPID)).");
    }
    if (hello.reply.error != 0) {
        return fail(ErrorCode::unavailable, describe_launch_failure(hello.reply.step, hello.reply.error));
    }
    if (!same_pids) {
        return unavailable("finding cells by their pids", ESRCH,
                           "This process has moved its children to another PID namespace (unshare(CLONE_NEWPID)): make "
                           "the first cell before that, or in a child.");
    }
    return unavailable("pidfd_send_signal", signal_error,
                       "Use Linux 5.9 or later, and let the container's seccomp profile allow pidfd_send_signal.");
}

void end_launcher(Launcher launcher) noexcept {
    launcher.socket = Descriptor();  // which it takes as an order to end, should it not be possible to signal it
    send_signal(launcher.handle, SIGKILL);
    constexpr int kPatience = 1000;  // milliseconds
    pollfd watched{.fd = launcher.handle.get(), .events = POLLIN, .revents = 0};
    while (::poll(&watched, 1, kPatience) < 0 && errno == EINTR) {
    }
    siginfo_t status{};
    ::waitid(P_PIDFD, static_cast<id_t>(launcher.handle.get()), &status, WEXITED | WNOHANG | __WALL);
}

bool send_request(const Launcher& launcher, const LaunchRequest& request, std::span<const int> descriptors) noexcept {
    iovec vector{const_cast<LaunchRequest*>(&request), request.length()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(kLaunchFiles * sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
    }
    ssize_t sent = 0;
    do {
        sent = ::sendmsg(launcher.socket.get(), &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(request.length());
}

bool receive_answer(const Launcher& launcher, Answer& answer) noexcept {
    iovec vector{&answer.reply, sizeof answer.reply};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t received = 0;
    do {
        received = ::recvmsg(launcher.socket.get(), &message, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received != static_cast<ssize_t>(sizeof answer.reply)) return false;
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        int descriptor = -1;
        std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
        answer.handle = Descriptor(descriptor);
    }
    return true;
}

bool send_signal(const Descriptor& process, int signal, siginfo_t* info) noexcept {
    return ::syscall(SYS_pidfd_send_signal, process.get(), signal, info, 0U) == 0;
}

}  // namespace curfew::cell
