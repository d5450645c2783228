// A custom monitor that captures a thread-local in its first phase: the deadline of the request that this
// thread serves.
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>

#include <curfew/monitor.h>

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// Set by the server's request layer.
thread_local steady_clock::time_point t_request_deadline = steady_clock::time_point::max();

class RequestMonitor {
  public:
    // Runs on the calling thread, so it sees that thread's request. The task below runs elsewhere and would
    // not.
    curfew::Result<curfew::MonitorTask> get_monitor(const curfew::Invocation&) const {
        return watch(t_request_deadline);
    }
    std::string_view name() const noexcept { return "request-deadline"; }

  private:
    static curfew::MonitorTask watch(steady_clock::time_point deadline) {
        if (steady_clock::now() >= deadline) co_return;  // too late already: nothing is run
        co_await curfew::monitor::sleep_until(deadline);
    }
};

int main() {
    for (const auto time_left : {50ms, 0ms}) {
        t_request_deadline = steady_clock::now() + time_left;
        bool began = false;
        const auto done = curfew::supervise(
            RequestMonitor(), [] {},
            [&](const curfew::Invocation& call) {
                began = true;
                std::mutex mutex;
                std::condition_variable_any never;
                std::unique_lock lock(mutex);
                never.wait(lock, call.stop_token(), [] { return false; });  // ends with the invocation
            });
        std::cout << (began ? "began, " : "never began, ") << (done ? "done" : done.error().terminated_by) << '\n';
    }
}
