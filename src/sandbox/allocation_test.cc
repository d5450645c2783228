// Memory that runs out at any allocation of a call: it fails, or not, but no sandbox gives an answer that is another
// call's, and none is left that a restore does not repair.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <curfew/host/detail/json_value.h>
#include <curfew/host_module.h>
#include <curfew/monitor.h>
#include <curfew/sandbox.h>

namespace {

constinit thread_local bool failing = false;
constinit thread_local bool keeps_failing = false;          // after the first that failed
constinit thread_local unsigned long allocations_left = 0;  // that succeed
constinit thread_local unsigned long failed = 0;

void* allocate(std::size_t size, std::size_t alignment) {
    if (failing) {
        if (allocations_left == 0) {
            failing = keeps_failing;
            ++failed;
            throw std::bad_alloc();
        }
        --allocations_left;
    }
    const std::size_t whole = (size + alignment - 1) / alignment * alignment;
    void* const memory = std::aligned_alloc(alignment, whole == 0 ? alignment : whole);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

// NOLINTBEGIN(misc-new-delete-overloads): the other forms call these
void* operator new(std::size_t size) { return allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
// NOLINTEND(misc-new-delete-overloads)

namespace curfew {
namespace {

enum class AfterIt { go_well, fail };

// Lets the n-th allocation from now on fail, on this thread, and perhaps all that follow.
class FailingAllocation {
  public:
    explicit FailingAllocation(unsigned long n, AfterIt others = AfterIt::go_well) noexcept {
        allocations_left = n;
        keeps_failing = others == AfterIt::fail;
        failed = 0;
        failing = true;
    }
    ~FailingAllocation() { failing = false; }
    FailingAllocation(const FailingAllocation&) = delete;
    FailingAllocation& operator=(const FailingAllocation&) = delete;
};

constexpr const char* kScript = R"js(
    import {note} from 'host';
    function handler(id) {
        console.log(id);
        note(id, 'x'.repeat(100000));
        if (id % 3 == 1) throw new Error('no answer for ' + id);
        return id + ':' + 'y'.repeat(200000);
    }
)js";

class Allocations : public ::testing::Test {
  protected:
    void SetUp() override {
        auto proto = SandboxBuilder()
                         .with_print([this](PrintLevel, std::string_view text) {
                             if (std::strtoul(std::string(text).c_str(), nullptr, 10) != id_) ++strange_;
                         })
                         .build();
        ASSERT_TRUE(proto) << proto.error().message;
        proto->host_module("host").add("note", [this](unsigned long id, std::string_view) {
            if (id != id_) ++strange_;
        });
        auto sandbox = std::move(*proto).load_runtime();
        ASSERT_TRUE(sandbox) << sandbox.error().message;
        ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(kScript, "test.js")));
        auto loaded = std::move(*sandbox).load();
        ASSERT_TRUE(loaded) << loaded.error().message;
        auto saved = loaded->snapshot();
        ASSERT_TRUE(saved) << saved.error().message;
        saved_.emplace(std::move(*saved));
        sandbox_.emplace(std::move(*loaded));
    }

    enum class Outcome { own_answer, refused, other };

    // Calls the handler, with the n-th allocation failing unless `n` is negative, and sees to it that nothing is another's.
    Outcome call(long n = -1) {
        const std::string event = std::to_string(++id_);
        try {
            Result<EventResult> done;
            {
                std::optional<FailingAllocation> fails;
                if (n >= 0) fails.emplace(static_cast<unsigned long>(n));
                done = sandbox_->handle_event("main", event, limits_);
            }
            EXPECT_EQ(strange_, 0);
            if (done) {
                EXPECT_TRUE(done->result.starts_with('"' + event + ":y")) << done->result.substr(0, 20);
                return Outcome::own_answer;
            }
            const Error& error = done.error();
            if (error.code == ErrorCode::handler_error && error.message == "Error: no answer for " + event)
                return Outcome::own_answer;
            EXPECT_EQ(error.message.find("no answer for"), std::string::npos) << event << " got: " << error.message;
            return error.code == ErrorCode::poisoned ? Outcome::refused : Outcome::other;
        } catch (const std::bad_alloc&) {
            EXPECT_EQ(strange_, 0);
            return Outcome::other;
        }
    }

    std::optional<Snapshot> saved_;
    std::optional<LoadedSandbox> sandbox_;

  private:
    const std::tuple<WallClockMonitor, HostCallMonitor> limits_{std::chrono::minutes(10), 100};
    unsigned long id_ = 0;
    int strange_ = 0;
};

TEST_F(Allocations, ThatFailInACallMixUpNoAnswers) {
    constexpr long kMost = 5000;
    bool reached = true;
    for (long n = 0; reached && n < kMost; ++n) {
        SCOPED_TRACE("allocation " + std::to_string(n));
        (void)call(n);
        reached = failed != 0;
        const bool poisoned = sandbox_->poisoned();
        EXPECT_EQ(call(), poisoned ? Outcome::refused : Outcome::own_answer);
        if (!poisoned) continue;
        const auto restored = sandbox_->restore(*saved_);
        ASSERT_TRUE(restored) << restored.error().message;
        ASSERT_EQ(call(), Outcome::own_answer);
    }
    EXPECT_FALSE(reached) << "the call makes more allocations than that";
}

// Whose destructors take memory to give some back, which nobody may need who has none.
TEST(FailingAllocations, AreNotNeededToDropJson) {
    constexpr std::string_view kText =
        R"([[1,[2,[3,"a text that is too long for a small string"]]],{"a":{"b":[4,{}]},"a":[5,[6]]}])";
    bool reached = true;
    for (unsigned long n = 0; reached && n < 1000; ++n) {
        try {
            const FailingAllocation fails(n, AfterIt::fail);
            const auto document = host::detail::parse({kText});
            EXPECT_TRUE(document);
            failing = true;  // also while it is dropped
            allocations_left = 0;
            reached = failed != 0;
        } catch (const std::bad_alloc&) {
        }
    }
    EXPECT_FALSE(reached);
}

}  // namespace
}  // namespace curfew
