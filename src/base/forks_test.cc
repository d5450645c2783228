#include "base/forks.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/immortal.h"

namespace curfew::base {
namespace {

constinit std::atomic<int> g_handled{0};
constinit std::atomic<bool> g_forks_were_counted{false};
const ChildHandler g_handler([]() noexcept {
    ++g_handled;
    g_forks_were_counted = forks() == 1;
});

// The status that a child ends with.
template <typename Work>
int status_of_child(Work work) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work());
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST(Forks, AreCountedInTheChildOnly) {
    EXPECT_EQ(status_of_child([] { return static_cast<int>(forks()); }), 1);
    EXPECT_EQ(forks(), 0u);
}

TEST(Forks, RunTheHandlersInTheChildOnly) {
    EXPECT_EQ(status_of_child([] { return g_handled.load() * 10 + (g_forks_were_counted ? 1 : 0); }), 11);
    EXPECT_EQ(g_handled, 0);
}

// A child that inherits the lock would wait for ever; a thread that holds it most of the time makes that likely.
TEST(Forks, LeaveNoForkSafeMutexLocked) {
    ForkSafeMutex mutex;
    std::atomic<bool> over{false};
    std::atomic<int> turns{0};
    std::thread other([&] {
        while (!over) {
            const Lock lock(mutex);
            ++turns;
        }
    });
    while (turns == 0) std::this_thread::yield();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(status_of_child([&] {
                      ::alarm(20);
                      const Lock lock(mutex);
                      return 7;
                  }),
                  7);
    }
    over = true;
    other.join();
}

TEST(Immortal, IsMadeOnce) {
    static constinit Immortal<int> number;
    int& first = number.get();
    first = 5;
    EXPECT_EQ(&number.get(), &first);
    EXPECT_EQ(number.get(), 5);
}

TEST(Immortal, IsMadeAnewWhenItWasAbandoned) {
    static constinit Immortal<int> number;
    static int* first = nullptr;  // static, so that what is abandoned is not lost to a leak checker
    first = &number.get();
    *first = 5;
    number.abandon();
    EXPECT_EQ(number.get(), 0);
    EXPECT_NE(&number.get(), first);
}

}  // namespace
}  // namespace curfew::base
