#include "cli/stop_signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "cli/exit_status.h"

namespace curfew::cli {
namespace {

sigset_t stop_signal_set() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

}  // namespace

StopSignals::StopSignals()
    : signals_([] {
          const sigset_t set = stop_signal_set();
          return checked(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");
      }()),
      wake_(checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
    const sigset_t set = stop_signal_set();
    pthread_sigmask(SIG_BLOCK, &set, &previous_mask_);  // fails only for a wrong first argument
    watcher_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
    finish();
    pthread_sigmask(SIG_SETMASK, &previous_mask_, nullptr);
}

void StopSignals::on_signal(std::function<void()> stop) {
    const base::Lock lock(mutex_);
    stop_ = std::move(stop);
    if (received_) stop_();
}

std::optional<int> StopSignals::received() {
    const base::Lock lock(mutex_);
    take_pending_signals();
    return received_;
}

void StopSignals::finish() {
    if (!watcher_.joinable()) return;
    {
        const base::Lock lock(mutex_);
        finished_ = true;
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);  // the counter is far from full
    watcher_.join();
}

void StopSignals::watch() {
    constexpr int kRetryMilliseconds = 5;
    while (true) {
        int timeout = -1;
        {
            const base::Lock lock(mutex_);
            if (finished_) return;
            take_pending_signals();
            if (received_) {
                if (stop_) stop_();
                timeout = kRetryMilliseconds;
            }
        }
        std::array<pollfd, 2> waits{pollfd{signals_.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
        poll(waits.data(), waits.size(), timeout);  // a failure leads to another look, like a wake-up
    }
}

void StopSignals::take_pending_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
        const int signal = static_cast<int>(info.ssi_signo);
        // Whoever asks twice does not want to wait for good order. The cell dies with this process.
        if (received_) std::_Exit(kSignalBase + signal);
        received_ = signal;
    }
}

}  // namespace curfew::cli
