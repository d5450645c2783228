// Forks: monitors work in the child and in the parent, whatever other threads did at that moment.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "monitor/test_support.h"

// Children of these tests start threads after a fork, which the thread sanitizer allows only if asked to. Its library
// asks the program, so the answer must be visible from there.
extern "C" [[gnu::visibility("default")]] const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};

// Also if the only other threads are the runtime's: they allocate when they start.
#if defined(__SANITIZE_ADDRESS__)
#define SKIP_IF_THE_ALLOCATOR_MAY_STAY_LOCKED() \
    GTEST_SKIP() << "the address sanitizer's allocator stays locked in a child forked while other threads allocate"
#else
#define SKIP_IF_THE_ALLOCATOR_MAY_STAY_LOCKED() static_cast<void>(0)
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SKIP_IF_THE_SANITIZER_CANNOT_FORK() SKIP_IF_THE_ALLOCATOR_MAY_STAY_LOCKED()
#elif defined(__SANITIZE_THREAD__)
#define SKIP_IF_THE_SANITIZER_CANNOT_FORK() \
    GTEST_SKIP() << "the thread sanitizer still counts the parent's threads in a child, and stops when ids recur"
#else
#define SKIP_IF_THE_SANITIZER_CANNOT_FORK() static_cast<void>(0)
#endif

// What the child exits with. A deadlock there is a failure, not a hang.
int exit_code_of(const std::function<bool()>& in_child) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(30);
        leave(in_child());
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// Threads that are inside invocations under `monitors` until the object goes.
class Others {
  public:
    template <typename Set>
    Others(int count, const Set& monitors, const SuperviseOptions& options = {}) {
        std::atomic<int> inside{0};
        for (int i = 0; i < count; ++i) {
            threads_.emplace_back([this, &inside, monitors, options] {
                EXPECT_TRUE(supervise(monitors, options, kNoInterrupt, [&] {
                    ++inside;
                    end_.wait();
                }));
            });
        }
        while (inside < count) std::this_thread::yield();
    }
    ~Others() {
        end_.set();
        for (std::thread& thread : threads_) thread.join();
    }
    Others(const Others&) = delete;
    Others& operator=(const Others&) = delete;

  private:
    Event end_;
    std::vector<std::thread> threads_;
};

TEST(Fork, ChildGetsARuntimeOfItsOwn) {
    SKIP_IF_THE_ALLOCATOR_MAY_STAY_LOCKED();
    ASSERT_TRUE(timeout_works() && custom_timeout_works());
    EXPECT_EQ(exit_code_of([] { return timeout_works() && custom_timeout_works(); }), kGood);
    EXPECT_TRUE(timeout_works() && custom_timeout_works());
}

TEST(Fork, WhileOtherThreadsAreInCalls) {
    SKIP_IF_THE_SANITIZER_CANNOT_FORK();
    std::atomic<bool> stop{false};
    const QuotaMonitor quota(1h, 24h);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            while (!stop) {
                EXPECT_TRUE(timeout_works());
                EXPECT_TRUE(supervise(std::tuple{quota, quiet()}, kNoInterrupt, [] {}));
            }
        });
    }
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(exit_code_of([&] {
                      return timeout_works() && custom_timeout_works() &&
                             supervise(quota, kNoInterrupt, [] {}).has_value();
                  }),
                  kGood);
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
}

TEST(Fork, WhileTheRuntimeStartsInOtherThreads) {
    SKIP_IF_THE_SANITIZER_CANNOT_FORK();
    // Each child has no runtime yet. It makes its threads start it, and forks meanwhile.
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(exit_code_of([i] {
                      std::vector<std::thread> threads;
                      for (int t = 0; t < 3; ++t) threads.emplace_back([] { EXPECT_TRUE(custom_timeout_works()); });
                      for (std::atomic<int> wait = 0; wait < i * 1000;) ++wait;
                      const bool good = exit_code_of([] { return timeout_works() && custom_timeout_works(); }) == kGood;
                      for (std::thread& thread : threads) thread.join();
                      return good && !::testing::Test::HasFailure();
                  }),
                  kGood);
    }
}

TEST(Fork, InsideTheWorkBothProcessesComeBack) {
    SKIP_IF_THE_ALLOCATOR_MAY_STAY_LOCKED();
    UsageMeter meter;
    bool child = false;
    int status = 0;
    const auto done =
        supervise(std::tuple{WallClockMonitor(1min), CpuTimeMonitor(1min), quiet(), HostCallMonitor(5), timeout(1min)},
                  {.meter = &meter}, kNoInterrupt, [&] {
                      const pid_t pid = ::fork();
                      if (pid == 0) {
                          child = true;
                          ::alarm(30);
                      } else {
                          EXPECT_EQ(::waitpid(pid, &status, 0), pid);
                      }
                      return 7;
                  });
    if (child) leave(done && *done == 7 && timeout_works() && Counted::alive == 0);
    EXPECT_TRUE(done);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == kGood) << status;
}

// Counters are counted by the thread that forked, so their limits hold in the child as well; but there is nobody
// to be interrupted.
TEST(Fork, InsideTheWorkCountersStillEndTheChild) {
    SKIP_IF_THE_ALLOCATOR_MAY_STAY_LOCKED();
    UsageMeter meter;
    std::atomic<int> interrupts{0};
    int code = -1;
    const auto done = supervise(
        std::tuple{HostCallMonitor(1), quiet()}, {.meter = &meter}, [&] { ++interrupts; },
        [&](const Invocation& call) {
            code = exit_code_of([&] {
                for (int i = 0; i < 2; ++i) const HostCallScope scope(meter);
                return call.cancelled() && interrupts == 0 && timeout_works();
            });
        });
    EXPECT_TRUE(done);
    EXPECT_EQ(code, kGood);
    EXPECT_EQ(interrupts, 0);
}

TEST(Fork, QuotaForgetsWhoRunsInTheParent) {
    SKIP_IF_THE_SANITIZER_CANNOT_FORK();
    const QuotaMonitor tenant(50ms, 1h);
    const Others others(40, tenant);  // hold nearly all of it, on stacks that the child uses anew
    EXPECT_EQ(exit_code_of([&] {
                  std::atomic<bool> good{true};
                  for (int round = 0; round < 2; ++round) {
                      std::vector<std::thread> threads;
                      for (int i = 0; i < 20; ++i) {
                          threads.emplace_back([&] {
                              if (!supervise(tenant, kNoInterrupt, [] {})) good = false;
                          });
                      }
                      for (std::thread& thread : threads) thread.join();
                  }
                  Interruptible work;
                  const auto all = supervise(tenant, work.interrupt(), [&] { work.burn(); });
                  return good && !all && all.error().terminated_by == "quota" && all.error().usage.cpu_time >= 10ms;
              }),
              kGood);
}

TEST(Fork, KillSwitchesAndMetersAreFreeInTheChild) {
    SKIP_IF_THE_SANITIZER_CANNOT_FORK();
    KillSwitch kill_switch;
    UsageMeter meter;
    const Others others(1, std::tuple{HostCallMonitor(5), WallClockMonitor(1min)},
                        {.meter = &meter, .kill_switch = &kill_switch});
    EXPECT_EQ(exit_code_of([&] {
                  const bool spared = !kill_switch.kill();  // what it names runs in the parent
                  meter.reset();
                  Interruptible work;
                  const auto done = supervise(HostCallMonitor(2), {.meter = &meter, .kill_switch = &kill_switch},
                                              work.interrupt(), [&] {
                                                  for (int i = 0; i < 3; ++i) const HostCallScope scope(meter);
                                                  work.wait();
                                              });
                  return spared && !done && done.error().terminated_by == "host-calls";
              }),
              kGood);
}

TEST(Fork, FramesAreCountedAnewInTheChild) {
    SKIP_IF_THE_SANITIZER_CANNOT_FORK();
    const Others others(20, std::tuple{WallClockMonitor(1min), quiet()});
    EXPECT_EQ(exit_code_of([&] {
                  std::vector<std::thread> threads;
                  for (int i = 0; i < 40; ++i) threads.emplace_back([] { EXPECT_TRUE(timeout_works()); });
                  for (std::thread& thread : threads) thread.join();
                  return monitor::runtime_stats().frames_alive == 0 && !::testing::Test::HasFailure();
              }),
              kGood);
    EXPECT_EQ(monitor::runtime_stats().frames_alive, 40u);
}

}  // namespace
}  // namespace curfew::test
