// Many sandboxes at once, for a while: no call fails or gets another's result, and memory and processes stay as they were.
//
// How long: CURFEW_SOAK_SECONDS. The default is short, so that the test can be part of every run.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <curfew/curfew.h>

#include "cell/testing/processes.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using cell::testing::content_of;
using cell::testing::processes_of_cells;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kDefaultSeconds = 2;
constexpr bool kMemoryIsReturned = false;  // sanitizers keep what was freed
#else
constexpr int kDefaultSeconds = 5;
constexpr bool kMemoryIsReturned = true;
#endif

constexpr int kThreads = 64;
constexpr int kWarmUp = 5;                   // rounds until a sandbox has opened and touched all that it ever needs
constexpr std::uint64_t kMayGrow = 8 << 20;  // of the host, whatever the time

// A call that runs just then has its garbage, which V8 lets lie up to a quarter of the heap.
std::uint64_t may_grow_per_cell() { return default_engine() == Engine::node ? 6 << 20 : 1 << 20; }

constexpr const char* kSource = R"(
    let calls = 0;
    const kept = [];
    export function handler({ owner, text, endless }) {
        while (endless) {}
        kept.push(text.repeat(10));
        console.log(owner);
        return { owner, length: kept.length, calls: ++calls };
    })";

std::chrono::seconds duration() {
    const char* text = std::getenv("CURFEW_SOAK_SECONDS");
    return std::chrono::seconds(text != nullptr ? std::max(1, std::atoi(text)) : kDefaultSeconds);
}

// The first failure of any thread; the others stop then.
class Failures {
  public:
    void add(std::string what) {
        const std::lock_guard lock(mutex_);
        if (first_.empty()) first_ = std::move(what);
        any_.store(true);
    }
    bool any() const noexcept { return any_.load(); }
    std::string first() const {
        const std::lock_guard lock(mutex_);
        return first_;
    }

  private:
    mutable std::mutex mutex_;
    std::string first_;
    std::atomic<bool> any_{false};
};

// One sandbox, used by one thread.
class User {
  public:
    User(int number, Failures& failures) : owner_("user-" + std::to_string(number)), failures_(failures) {}

    bool load() {
        auto proto = SandboxBuilder()
                         .with_print([this](PrintLevel, std::string_view text) {
                             if (text != owner_ + "\n") failures_.add(owner_ + " got the output " + std::string(text));
                         })
                         .build();
        auto sandbox = std::move(*proto).load_runtime();
        if (!sandbox) return failed("load_runtime", sandbox.error());
        if (auto added = sandbox->add_handler("main", Script::from_content(kSource)); !added) {
            return failed("add_handler", added.error());
        }
        auto loaded = std::move(*sandbox).load();
        if (!loaded) return failed("load", loaded.error());
        sandbox_.emplace(std::move(*loaded));
        auto fresh = sandbox_->snapshot();
        if (!fresh) return failed("snapshot", fresh.error());
        fresh_.emplace(std::move(*fresh));
        return true;
    }

    // A few calls, one that has to be ended, and back to the start.
    void round() {
        const std::string event = R"({"owner":")" + owner_ + R"(","text":"some text of )" + owner_ + R"("})";
        for (int call = 1; call <= 20; ++call) {
            const auto done = sandbox_->handle_event("main", event, WallClockMonitor(60s));
            if (!done) return static_cast<void>(failed("a call", done.error()));
            const std::string number = std::to_string(call);
            if (done->result != R"({"owner":")" + owner_ + R"(","length":)" + number + R"(,"calls":)" + number + "}") {
                return failures_.add(owner_ + " got the result " + done->result);
            }
        }
        const auto ended = sandbox_->handle_event("main", R"({"endless":true})", WallClockMonitor(1ms));
        if (ended || ended.error().code != (ended.error().ran ? ErrorCode::cancelled : ErrorCode::not_run)) {
            return failures_.add(owner_ + "'s endless call " + (ended ? "returned" : ended.error().message));
        }
        if (auto restored = sandbox_->restore(*fresh_); !restored) failed("restore", restored.error());
        ++rounds_;
    }

    long rounds() const noexcept { return rounds_; }

  private:
    bool failed(const char* step, const Error& error) {
        failures_.add(owner_ + ": " + step + " failed: " + error.message);
        return false;
    }

    std::string owner_;
    Failures& failures_;
    std::optional<LoadedSandbox> sandbox_;
    std::optional<Snapshot> fresh_;
    long rounds_ = 0;
};

struct InUse {
    std::uint64_t host;   // bytes
    std::uint64_t cells;  // bytes
    std::size_t processes;
    std::size_t descriptors;

    static InUse now() {
        InUse use{cell::testing::resident_bytes(), 0, 0, cell::testing::descriptors_of(::getpid())};
        for (const pid_t cell : processes_of_cells()) {
            std::istringstream text(content_of("/proc/" + std::to_string(cell) + "/statm"));
            std::uint64_t size = 0, resident = 0, shared = 0;  // pages; what is shared is the image's and the state's
            text >> size >> resident >> shared;
            use.cells += (resident - std::min(shared, resident)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
            ++use.processes;
        }
        return use;
    }
};

TEST(Soak, SixtyFourThreadsWithASandboxEach) {
    Failures failures;
    std::atomic<bool> stop{false};
    std::atomic<long> rounds{0}, idle{0};
    std::latch warm(kThreads + 1);  // everything has been allocated once
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            User user(i, failures);
            const bool ready = user.load();
            for (int round = 0; ready && round < kWarmUp && !failures.any(); ++round) user.round();
            warm.arrive_and_wait();
            while (ready && !stop && !failures.any()) user.round();
            rounds += user.rounds();
            idle += user.rounds() <= kWarmUp;
        });
    }
    warm.arrive_and_wait();
    const auto start = std::chrono::steady_clock::now();
    const InUse before = InUse::now();
    while (std::chrono::steady_clock::now() < start + duration() && !failures.any()) std::this_thread::sleep_for(50ms);
    const InUse after = InUse::now();
    stop = true;
    threads.clear();

    EXPECT_FALSE(failures.any()) << failures.first();
    EXPECT_EQ(idle, 0) << "threads that did nothing after the warm-up";
    EXPECT_LE(after.descriptors, before.descriptors + kThreads);  // a restore that runs just then may have one open
    // Each has one; one more stands ready, and another may just take its place.
    EXPECT_GE(after.processes, static_cast<std::size_t>(kThreads));
    EXPECT_LE(after.processes, static_cast<std::size_t>(kThreads) + 2);
    EXPECT_LE(after.cells, before.cells + kThreads * may_grow_per_cell());
    if (kMemoryIsReturned) {
        EXPECT_LE(after.host, before.host + kMayGrow);
    }
    RecordProperty("rounds", std::to_string(rounds));
    RecordProperty("host_bytes_before", std::to_string(before.host));
    RecordProperty("host_bytes_after", std::to_string(after.host));
    std::printf("%ld rounds of 21 calls in %lld s; host %.1f MiB, then %.1f; cells %.1f MiB, then %.1f\n",
                rounds.load(), static_cast<long long>(duration().count()), static_cast<double>(before.host) / (1 << 20),
                static_cast<double>(after.host) / (1 << 20), static_cast<double>(before.cells) / (1 << 20),
                static_cast<double>(after.cells) / (1 << 20));
    // Cells go with their sandboxes.
    const auto patience = std::chrono::steady_clock::now() + cell::testing::kPatience;
    while (processes_of_cells().size() > 2 && std::chrono::steady_clock::now() < patience)
        std::this_thread::sleep_for(10ms);
    EXPECT_LE(processes_of_cells().size(), 2U);
}

}  // namespace
}  // namespace curfew
