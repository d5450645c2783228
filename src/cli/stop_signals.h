// Ctrl-C and its kin, turned into the end of what is running.
#ifndef CURFEW_CLI_STOP_SIGNALS_H
#define CURFEW_CLI_STOP_SIGNALS_H

#include <signal.h>

#include <functional>
#include <optional>
#include <thread>

#include "base/descriptor.h"
#include "base/mutex.h"

namespace curfew::cli {

// While one of these lives, SIGINT and SIGTERM do not end the process: they stop what was named with `on_signal`, and
// leave it to the caller to end in good order. A second signal ends the process at once. Make it before the process
// has other threads, since it blocks the signals only in its own thread and in those that this one starts later.
class StopSignals {
  public:
    // Throws std::system_error if the kernel has no descriptor or thread left.
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    // What a signal stops from now on; called from another thread, again and again until `finish`, because the signal
    // may come in the moment before there is anything to stop. Called at once if a signal has come already.
    void on_signal(std::function<void()> stop);

    // The signal that has come, if any; also one that the kernel has not delivered yet.
    std::optional<int> received();

    // Calls nothing any more.
    void finish();

  private:
    void watch();
    void take_pending_signals() REQUIRES(mutex_);

    base::Descriptor signals_;
    base::Descriptor wake_;  // an event: the watcher has to look at what changed
    base::Mutex mutex_;
    std::function<void()> stop_ GUARDED_BY(mutex_);
    std::optional<int> received_ GUARDED_BY(mutex_);
    bool finished_ GUARDED_BY(mutex_) = false;
    sigset_t previous_mask_{};
    std::thread watcher_;
};

}  // namespace curfew::cli

#endif
