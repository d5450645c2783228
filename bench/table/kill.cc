// How fast a kill takes effect.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <semaphore>
#include <stop_token>
#include <thread>
#include <utility>

#include <curfew/curfew.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

// How long everything has been as it is, before something is done about it.
constexpr auto kSettled = std::chrono::milliseconds(3);

// A thread that does one thing each time it is told to, some milliseconds later, and notes the time right
// before.
class LateThread {
  public:
    // `act` returns false if it was too early and has to be tried again.
    template <typename Act>
    LateThread(std::optional<int> cpu, Act act)
        : thread_([this, cpu, act](const std::stop_token& stop) {
              std::optional<base::BoundTo> bound;
              if (cpu) bound.emplace(*cpu);
              for (;;) {
                  told_.acquire();
                  if (stop.stop_requested()) return;
                  do {
                      std::this_thread::sleep_for(kSettled);
                      acted_at_ = Clock::now();
                  } while (!act());
                  done_.release();
              }
          }) {}

    ~LateThread() {
        thread_.request_stop();
        told_.release();
    }

    void tell() { told_.release(); }

    // When it acted. Waits until it has.
    Clock::time_point acted_at() {
        done_.acquire();
        return acted_at_;
    }

  private:
    std::binary_semaphore told_{0};
    std::binary_semaphore done_{0};
    Clock::time_point acted_at_;
    std::jthread thread_;
};

void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
    ::syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

}  // namespace

Result<std::vector<Row>> measure_kill() {
    const std::vector<int> cpus = base::allowed_cpus();
    if (cpus.size() < 2) {
        return std::unexpected(Error{.code = ErrorCode::unavailable, .message = "waking another CPU needs two CPUs."});
    }
    Result<LoadedSandbox> loaded = load_handler("endless", "function handler() { for (;;) {} }");
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    const Result<Snapshot> start = loaded->snapshot();
    if (!start) return std::unexpected(start.error());
    Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(*start);
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));

    // Neither this thread nor the killer is bound to a CPU.
    LateThread killer(std::nullopt, [handle = sandbox->interrupt_handle()] { return handle.kill(); });
    const auto kill_handler = [&]() -> Result<double> {
        killer.tell();
        const Result<EventResult> done = sandbox->handle_event("endless", "null");
        const auto end = Clock::now();
        const auto begin = killer.acted_at();
        if (done || done.error().code != ErrorCode::cancelled) {
            return std::unexpected(done ? Error{.message = "the endless handler returned"} : done.error());
        }
        if (Result<void> restored = sandbox->restore(*start); !restored) return std::unexpected(restored.error());
        return nanoseconds(end - begin);
    };

    std::atomic<std::uint32_t> word = 0;
    LateThread waker(cpus[1], [&word] {
        word.store(1, std::memory_order_release);
        futex(word, FUTEX_WAKE_PRIVATE, 1);
        return true;
    });
    std::optional<base::BoundTo> bound;
    const auto wake_thread = [&]() -> Result<double> {
        word.store(0, std::memory_order_release);
        waker.tell();
        while (word.load(std::memory_order_acquire) == 0) futex(word, FUTEX_WAIT_PRIVATE, 0);
        const auto end = Clock::now();
        return nanoseconds(end - waker.acted_at());
    };

    auto measured = by_turns(
        {.rounds = 500, .warm_up = 5},
        {{.once = kill_handler},
         {.once = wake_thread, .before_turn = [&] { bound.emplace(cpus[0]); }, .after_turn = [&] { bound.reset(); }}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "kill of a tight loop: from kill() to the error",
                           .beside = "futex wake of a blocked thread on another CPU",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_times, .limit = 3, .of = Of::p99}}};
}

}  // namespace curfew::bench
