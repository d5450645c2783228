#include "cell/process/spawner.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

#include "base/clock.h"
#include "base/immortal.h"
#include "base/process_clock.h"
#include "cell/failure.h"

#ifndef P_PIDFD
#define P_PIDFD static_cast<idtype_t>(3)
#endif

namespace curfew::cell {

CellProcess::CellProcess(const LaunchReply& reply, Descriptor handle, std::uint64_t launcher, int cpu) noexcept
    : pid_(reply.pid), first_cpu_(cpu), owner_(::getpid()), launcher_(launcher), handle_(std::move(handle)) {}

CellProcess::~CellProcess() {
    if (!handle_ || !is_own()) return;
    kill();
    Spawner::instance().reap(pid_, launcher_);
    // Where the launcher was killed, and this process is the container's init or a subreaper, the cell became its child.
    siginfo_t status{};
    ::waitid(P_PIDFD, static_cast<id_t>(handle_.get()), &status, WEXITED | __WALL);
}

bool CellProcess::is_own() const noexcept { return owner_ == ::getpid(); }

bool CellProcess::signal(std::uint64_t ticket) noexcept {
    siginfo_t info{};
    info.si_signo = CURFEW_CELL_SIGNAL;
    info.si_code = SI_QUEUE;
    info.si_pid = ::getpid();
    info.si_uid = ::getuid();
    static_assert(sizeof info.si_value == sizeof ticket);
    std::memcpy(&info.si_value, &ticket, sizeof ticket);
    return send_signal(handle_, CURFEW_CELL_SIGNAL, &info);
}

// A host that has changed its user since may not signal the cell any more, but the launcher may.
void CellProcess::kill() noexcept {
    if (!try_kill()) Spawner::instance().kill(pid_, launcher_);
}

bool CellProcess::try_kill() noexcept { return send_signal(handle_, SIGKILL) || errno != EPERM; }

bool CellProcess::dead() const noexcept {
    pollfd watched{.fd = handle_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, 0) == 1;
}

std::optional<std::chrono::nanoseconds> CellProcess::cpu_time() const noexcept {
    // As clock_getcpuclockid() makes it, which would ask the kernel whether the process exists.
    constexpr clockid_t kScheduled = 2;
    const auto clock = static_cast<clockid_t>(~static_cast<unsigned>(pid_) << 3) | kScheduled;
    return base::read_clock(clock);
}

// Its pid is not another's before it is reaped.
void CellProcess::write_down_cpu_time() const noexcept { base::write_down_cpu_time(pid_); }

std::optional<std::chrono::nanoseconds> CellProcess::exact_cpu_time() const noexcept {
    write_down_cpu_time();
    return cpu_time();
}

std::uint64_t CellProcess::anonymous_pages() const noexcept {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/statm", pid_);
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.data(), "re"), &std::fclose);
    unsigned long size = 0, resident = 0, shared = 0;
    if (!file || std::fscanf(file.get(), "%lu %lu %lu", &size, &resident, &shared) != 3 || shared > resident) return 0;
    return resident - shared;
}

Spawner& Spawner::instance() {
    static constinit base::Immortal<Spawner> spawner;  // cells may be dropped while static objects are destroyed
    return spawner.get();
}

Result<void> Spawner::ensure_launcher() {
    if (owner_ != ::getpid()) abandon_launcher();
    if (launcher_.socket) return {};
    auto started = start_launcher();
    if (!started) return std::unexpected(started.error());
    launcher_ = std::move(*started);
    owner_ = ::getpid();
    ++generation_;
    return {};
}

// In a forked child the launcher belongs to the parent, and only our copies of the descriptors are given up.
void Spawner::abandon_launcher() noexcept {
    Launcher launcher;
    std::swap(launcher, launcher_);
    if (launcher.handle && owner_ == ::getpid()) end_launcher(std::move(launcher));
}

Result<CellProcess> Spawner::spawn(const LaunchRequest& request, std::span<const int, kLaunchFiles> files) {
    const base::Lock lock(mutex_);
    // A launcher that someone killed is replaced once; its cells died with it.
    for (int attempt = 0; attempt < 3; ++attempt) {
        if (auto started = ensure_launcher(); !started) return std::unexpected(started.error());
        CellAffinity affinity(launcher_.pid);  // until it has answered
        affinity.follow_caller();
        Answer answer{};
        if (!send_request(launcher_, request, files) || !receive_answer(launcher_, answer)) {
            abandon_launcher();
            continue;
        }
        if (answer.reply.error == kAskAgain) continue;
        if (answer.reply.error != 0) {
            return unavailable("starting a cell", answer.reply.error,
                               "Raise the limits of processes (ulimit -u) and of open files (ulimit -n), or free some "
                               "memory.");
        }
        if (!answer.handle) {
            order(LaunchKind::reap, answer.reply.pid);
            return unavailable("receiving a cell", EMFILE, "Raise the limit of open files (ulimit -n).");
        }
        return CellProcess(answer.reply, std::move(answer.handle), generation_, affinity.cpu());
    }
    return unavailable(
        "keeping the launcher alive", ECHILD,
        "Something ends Curfew's launcher as soon as it starts; run `curfew doctor` to see what stands in "
        "the way.");
}

Result<LayerStates> Spawner::layers() {
    const base::Lock lock(mutex_);
    if (auto started = ensure_launcher(); !started) return std::unexpected(started.error());
    return launcher_.layers;
}

void Spawner::reap(pid_t pid, std::uint64_t generation) noexcept {
    const base::Lock lock(mutex_);
    if (knows(generation)) order(LaunchKind::reap, pid);
}

void Spawner::kill(pid_t pid, std::uint64_t generation) noexcept {
    const base::Lock lock(mutex_);
    if (knows(generation)) order(LaunchKind::kill, pid);
}

// Another process's launcher is not ours to ask, and the cells of one that is gone died with it; their pids may be
// others' by now.
bool Spawner::knows(std::uint64_t generation) const noexcept {
    return owner_ == ::getpid() && launcher_.socket && generation == generation_;
}

void Spawner::order(LaunchKind kind, pid_t pid) noexcept {
    LaunchRequest request{};
    request.kind = kind;
    request.pid = pid;
    send_request(launcher_, request, {});  // fails only if the launcher is gone, and the cell with it
}

}  // namespace curfew::cell
