#include "cell/process/spawner.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

#include "cell/failure.h"
#include "cell/memory_file.h"
#include "cell/process/fault_report.h"
#include "cell/process/launcher_program.h"
#include "cell/process/system_call.h"

#ifndef P_PIDFD
#define P_PIDFD static_cast<idtype_t>(3)
#endif

namespace curfew::cell {

namespace {

constexpr const char* kRemedy =
    "Curfew starts its cells from a small program of its own; run `curfew doctor` to see what stands in the way.";

int send_signal(int pidfd, int signal, siginfo_t* info) noexcept {
    return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, info, 0U));
}

// What the child of start_launcher() needs. It shares the parent's memory until it executes the launcher, so it must
// not allocate, lock or return, and calls the kernel directly.
struct ChildStart {
    int socket;
    int host;
    int program;
    int error;  // set by the child if it could not execute the launcher
};

__attribute__((no_sanitize("address", "thread", "undefined"))) int run_child(void* argument) {
    auto* start = static_cast<ChildStart*>(argument);
    // First out of the way of the descriptors that the launcher expects, whatever the host had open or closed.
    const long socket = system_call(SYS_fcntl, start->socket, F_DUPFD, 10);
    const long host = system_call(SYS_fcntl, start->host, F_DUPFD, 10);
    const long program = system_call(SYS_fcntl, start->program, F_DUPFD_CLOEXEC, 10);
    char name[] = "curfew-cell";
    char* arguments[] = {name, nullptr};
    char* environment[] = {nullptr};
    long result = socket < 0 ? socket : host < 0 ? host : program;
    if (result >= 0) result = system_call(SYS_dup2, socket, CURFEW_LAUNCHER_SOCKET);
    if (result >= 0) result = system_call(SYS_dup2, host, CURFEW_LAUNCHER_HOST);
    if (result >= 0) {
        char empty[] = "";
        result = system_call(SYS_execveat, program, address_of(empty), address_of(arguments),
                             address_of(environment), AT_EMPTY_PATH);
    }
    start->error = static_cast<int>(-result);
    for (;;) system_call(SYS_exit_group, 1);
}

struct Child {
    pid_t pid;
    Descriptor pidfd;  // none: errno says why
};

// Starts the child without a signal to the host at its end.
Child start_child(ChildStart& start) {
    constexpr std::size_t kStackSize = 16 << 10;
    const auto stack = std::make_unique<std::byte[]>(kStackSize);
    // No handler of the host may run in the child, which is still in the host's memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int pidfd = -1;
    const auto top = (reinterpret_cast<std::uintptr_t>(stack.get()) + kStackSize) & ~std::uintptr_t{15};
    const int pid = ::clone(run_child, reinterpret_cast<void*>(top), CLONE_VM | CLONE_VFORK | CLONE_PIDFD, &start,
                            &pidfd);
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return {pid, Descriptor(pid < 0 ? -1 : pidfd)};
}

Result<MemoryFile> launcher_file() {
    const auto bytes = std::as_bytes(std::span(curfew_launcher_program, curfew_launcher_program_end));
    auto file = MemoryFile::create("curfew-launcher", bytes.size(), true);
    if (!file) return file;
    if (auto written = file->write(0, bytes); !written) return std::unexpected(written.error());
    if (auto sealed = file->seal(); !sealed) return std::unexpected(sealed.error());
    return file;
}

bool send_request(int socket, const LaunchRequest& request, std::span<const int> descriptors) {
    iovec vector{const_cast<LaunchRequest*>(&request), sizeof request};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(3 * sizeof(int))> control{};
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
    ssize_t sent;
    do {
        sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(sizeof request);
}

struct Answer {
    LaunchReply reply;
    Descriptor pidfd;
};

// Nothing if the launcher is gone.
std::optional<Answer> receive_answer(int socket) {
    Answer answer{};
    iovec vector{&answer.reply, sizeof answer.reply};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t received;
    do {
        received = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received != static_cast<ssize_t>(sizeof answer.reply)) return std::nullopt;
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        int descriptor;
        std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
        answer.pidfd = Descriptor(descriptor);
    }
    return answer;
}

}  // namespace

CellProcess::CellProcess(pid_t pid, int cpu, Descriptor handle) noexcept
    : pid_(pid), first_cpu_(cpu), owner_(::getpid()), handle_(std::move(handle)) {}

CellProcess::~CellProcess() {
    if (!handle_ || owner_ != ::getpid()) return;
    kill();
    Spawner::instance().reap(pid_);
}

bool CellProcess::signal(std::uint64_t ticket) noexcept {
    siginfo_t info{};
    info.si_signo = CURFEW_CELL_SIGNAL;
    info.si_code = SI_QUEUE;
    info.si_pid = ::getpid();
    info.si_uid = ::getuid();
    static_assert(sizeof info.si_value == sizeof ticket);
    std::memcpy(&info.si_value, &ticket, sizeof ticket);
    return send_signal(handle_.get(), CURFEW_CELL_SIGNAL, &info) == 0;
}

// Fails only if the process is dead already.
void CellProcess::kill() noexcept { send_signal(handle_.get(), SIGKILL, nullptr); }

bool CellProcess::dead() const noexcept {
    pollfd watched{.fd = handle_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, 0) == 1;
}

void CellProcess::wait(int milliseconds) const noexcept {
    pollfd watched{.fd = handle_.get(), .events = POLLIN, .revents = 0};
    ::poll(&watched, 1, milliseconds);
}

Spawner& Spawner::instance() {
    // Never destroyed: cells may be dropped while static objects are.
    static auto* const spawner = new Spawner;
    return *spawner;
}

Result<void> Spawner::ensure_launcher() {
    if (owner_ != ::getpid()) abandon_launcher();
    if (socket_) return {};

    auto program = launcher_file();
    if (!program) return std::unexpected(program.error());
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return unavailable("making a socket", errno, "Raise the limit of open files.");
    }
    Descriptor ours(ends[0]), theirs(ends[1]);
    const Descriptor host(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0U)));
    if (!host) return unavailable("pidfd_open", errno, "Use Linux 5.9 or later.");
    ChildStart start{
        .socket = theirs.get(), .host = host.get(), .program = program->descriptor(), .error = 0};
    auto [pid, launcher] = start_child(start);
    if (!launcher) return unavailable("starting a process", errno, "Raise the limit of processes.");
    if (start.error != 0) {
        siginfo_t status{};
        ::waitid(P_PIDFD, static_cast<id_t>(launcher.get()), &status, WEXITED | __WALL);
        return unavailable("executing a program from memory", start.error,
                           "Let the container execute memory files (sysctl vm.memfd_noexec must be 0 or 1).");
    }
    theirs = Descriptor();  // so that the launcher's death shows as the end of the stream
    const auto hello = receive_answer(ours.get());
    if (!hello || hello->reply.error != 0) {
        siginfo_t status{};
        ::waitid(P_PIDFD, static_cast<id_t>(launcher.get()), &status, WEXITED | __WALL);
        return fail(ErrorCode::unavailable,
                    describe_launch_failure(hello ? hello->reply.step : LaunchStep::none,
                                            hello ? hello->reply.error : ECHILD));
    }
    socket_ = std::move(ours);
    launcher_ = std::move(launcher);
    affinity_ = CellAffinity(pid);
    owner_ = ::getpid();
    return {};
}

// In a forked child the launcher belongs to the parent, and only our copies of the descriptors are given up.
void Spawner::abandon_launcher() noexcept {
    socket_ = Descriptor();
    if (launcher_ && owner_ == ::getpid()) {
        send_signal(launcher_.get(), SIGKILL, nullptr);
        siginfo_t status{};
        ::waitid(P_PIDFD, static_cast<id_t>(launcher_.get()), &status, WEXITED | __WALL);
    }
    launcher_ = Descriptor();
}

Result<CellProcess> Spawner::spawn(const LaunchRequest& request, int image, int state, int mailbox) {
    const std::array<int, 3> descriptors{image, state, mailbox};
    const std::scoped_lock lock(mutex_);
    // A launcher that someone killed is replaced once; its cells died with it.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (auto started = ensure_launcher(); !started) return std::unexpected(started.error());
        affinity_.follow_caller();
        if (send_request(socket_.get(), request, descriptors)) {
            if (auto answer = receive_answer(socket_.get())) {
                if (answer->reply.error != 0) {
                    return unavailable("starting a cell", answer->reply.error,
                                       "Raise the limit of processes, or free some memory.");
                }
                if (!answer->pidfd) return unavailable("receiving a cell", EMFILE, "Raise the limit of open files.");
                return CellProcess(answer->reply.pid, affinity_.cpu(), std::move(answer->pidfd));
            }
        }
        abandon_launcher();
    }
    return unavailable("keeping the launcher alive", ECHILD, kRemedy);
}

void Spawner::reap(pid_t pid) noexcept {
    LaunchRequest request{};
    request.kind = LaunchKind::reap;
    request.pid = pid;
    const std::scoped_lock lock(mutex_);
    // Another process's launcher is not ours to ask; and the cells of one that is gone were reaped by init.
    if (owner_ == ::getpid() && socket_) send_request(socket_.get(), request, {});
}

}  // namespace curfew::cell
