// What a cell with coarse time has to measure with, and what a reset that leaves nothing leaves.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include "cell/process/testing/process_fixture.h"
#include "cell/testing/processes.h"
#include "cell/testing/watchdog.h"

namespace curfew::cell::testing {
namespace {

using std::chrono::nanoseconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSubsetOf;
using ::testing::Not;

constexpr CellOptions kCoarse{.coarse_time = true};
constexpr CellOptions kLeavesNothing{.leaves_nothing = true};

constexpr std::uint64_t kClock = CURFEW_HANDSHAKE + CURFEW_HANDSHAKE_CLOCK;

nanoseconds read_clock(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

// --- Time ---

TEST(Time, StampsCanBeReadWhereItIsFine) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::read_time_stamp), Stop::called_out) << cell->death().text;
    EXPECT_EQ(count(*cell), 1U);
}

TEST(Time, StampsAreForbiddenWhereItIsCoarse) {
    CURFEW_SKIP_IF_REFUSED_CALLS_GO_ON();
    const auto first = make_cell_with(kCoarse);
    EXPECT_EQ(count(*first), 1U);
    const auto saved = first->snapshot();
    ASSERT_TRUE(saved);
    for (const auto& image : {test_image(), *saved}) {
        const auto cell = make_cell_with(kCoarse, image);
        EXPECT_EQ(order(*cell, Order::read_time_stamp), Stop::died);
        EXPECT_THAT(cell->death().text, HasSubstr("forbidden instruction"));
    }
    const auto cell = make_cell_with(kCoarse);
    EXPECT_EQ(count(*cell), 1U);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(order(*cell, Order::read_time_stamp), Stop::died);
}

// Cells of both kinds come of one launcher, also of a process that it keeps ready.
TEST(Time, OfOneCellIsNotAnothers) {
    CURFEW_SKIP_IF_REFUSED_CALLS_GO_ON();
    for (int i = 0; i < 4; ++i) {
        const auto coarse = make_cell_with(kCoarse);
        const auto fine = make_cell();
        ::usleep(1000);  // so that some of them are made of that process
        EXPECT_EQ(order(*coarse, Order::read_time_stamp), Stop::died);
        EXPECT_EQ(order(*fine, Order::read_time_stamp), Stop::called_out) << fine->death().text;
    }
}

TEST(Time, GoesByTicksWhereItIsCoarse) {
    const auto cell = make_cell_with(kCoarse);
    for (const auto& [hypercall, clock] : {std::pair{CURFEW_HYPERCALL_MONOTONIC, CLOCK_MONOTONIC_COARSE},
                                           {CURFEW_HYPERCALL_REALTIME, CLOCK_REALTIME_COARSE}}) {
        unsigned same = 0;
        for (int i = 0; i < 100; ++i) {
            const nanoseconds before = read_clock(clock);
            const nanoseconds told(ask(*cell, Order::clock, static_cast<std::uint64_t>(hypercall)));
            const nanoseconds after = read_clock(clock);
            EXPECT_GE(told, before);
            EXPECT_LE(told, after);
            if (before == after) ++same;
        }
        EXPECT_GT(same, 0U) << "no reading fell between two ticks";
    }
    EXPECT_EQ(ask(*cell, Order::clock, 99), 0U);
}

TEST(Time, IsExactWhereItIsFine) {
    const auto cell = make_cell();
    for (const auto& [hypercall, clock] :
         {std::pair{CURFEW_HYPERCALL_MONOTONIC, CLOCK_MONOTONIC}, {CURFEW_HYPERCALL_REALTIME, CLOCK_REALTIME}}) {
        const nanoseconds before = read_clock(clock);
        const nanoseconds told(ask(*cell, Order::clock, static_cast<std::uint64_t>(hypercall)));
        EXPECT_GT(told, before);
        EXPECT_LT(told, read_clock(clock));
    }
}

std::vector<std::uint64_t> call_sites(Cell& cell) {
    std::vector<std::uint64_t> sites;
    std::uint64_t before = 0;
    for (std::uint64_t at = kTrampolineBase; at < kTrampolineBase + wire::kPageSize; ++at) {
        const std::uint64_t byte = ask(cell, Order::read_byte, at);
        if (before == 0x0f && (byte == 0x05 || byte == 0x34)) sites.push_back(at - 1);
        before = byte;
    }
    return sites;
}

// Whether a cell like that can get this clock's time by going there.
bool tells(clockid_t clock, std::uint64_t site, const CellOptions& options) {
    const auto cell = make_cell_with(options);
    Registers registers{};
    registers.rax = SYS_clock_gettime;
    registers.rdi = static_cast<std::uint64_t>(clock);
    registers.rsi = kClock;
    registers.rbx = registers.r15 = 0x1000;  // where the trampoline may go on
    registers.rsp = wire::kThreadArea - 1024;
    put_in_window(*cell, registers);
    EXPECT_EQ(order(*cell, Order::jump, site), Stop::died);
    return !cell->death().text.contains("forbidden system call 228 at");
}

TEST(Time, OfAFineClockIsToldAtOnePlaceAndNoneWhereItIsCoarse) {
    CURFEW_SKIP_IF_REFUSED_CALLS_GO_ON();
    const auto fine = call_sites(*make_cell());
    const auto coarse = call_sites(*make_cell_with(kCoarse));
    EXPECT_EQ(coarse.size() + 1, fine.size());
    EXPECT_THAT(coarse, IsSubsetOf(fine));
    for (const clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
        unsigned places = 0;
        for (const std::uint64_t site : fine) {
            if (!tells(clock, site, {})) continue;
            ++places;
            EXPECT_THAT(coarse, Not(Contains(site)));
        }
        EXPECT_EQ(places, 1U);
        for (const std::uint64_t site : coarse) EXPECT_FALSE(tells(clock, site, kCoarse)) << site;
    }
}

TEST(Time, OfAFineClockCannotBeAskedForByTheGuestItself) {
    CURFEW_SKIP_IF_REFUSED_CALLS_GO_ON();
    for (const CellOptions& options : {CellOptions{}, kCoarse}) {
        for (clockid_t clock = 0; clock < 16; ++clock) {
            const auto cell = make_cell_with(options);
            put_in_window(*cell, SystemCall{SYS_clock_gettime, {static_cast<std::uint64_t>(clock), kClock}});
            const Stop stop = order(*cell, Order::system_call_with);
            if (clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE) {
                EXPECT_EQ(stop, Stop::called_out) << clock;
                continue;
            }
            EXPECT_EQ(stop, Stop::died) << clock;
            EXPECT_THAT(cell->death().text, HasSubstr("forbidden system call 228 at")) << clock;
        }
    }
}

// --- Pages ---

// Which of a cell's pages are in memory, by the kernel's account.
class Presence {
  public:
    explicit Presence(const ProcessCell& cell) {
        const Descriptor pagemap(
            ::open(("/proc/" + std::to_string(cell.pid()) + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC));
        EXPECT_TRUE(pagemap);
        for (const MappingLine& line : mappings_of(cell.pid())) {
            if (line.start >= 0x8000'0000'0000) continue;  // the kernel's own
            for (std::uint64_t page = line.start; page < line.end; page += wire::kPageSize) {
                std::uint64_t entry = 0;
                const auto offset = static_cast<off_t>(page / wire::kPageSize * sizeof entry);
                EXPECT_EQ(::pread(pagemap.get(), &entry, sizeof entry, offset), static_cast<ssize_t>(sizeof entry));
                constexpr std::uint64_t kPresent = 1ULL << 63, kSwapped = 1ULL << 62;
                if ((entry & (kPresent | kSwapped)) != 0) pages_.push_back(page);
            }
        }
    }

    // All of them.
    const std::vector<std::uint64_t>& pages() const { return pages_; }

    std::size_t from_image_on() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(pages_, [](std::uint64_t page) { return page >= wire::kImageBase; }));
    }

  private:
    std::vector<std::uint64_t> pages_;
};

void use_memory(Cell& cell) {
    ask(cell, Order::dirty, 300);
    ask(cell, Order::sum, 2000);
    ask(cell, Order::fill_stack);
    put_in_window(cell, ByteRange{kSignalStackBase, kSignalStackSize});
    ask(cell, Order::fill);
    for (std::uint64_t page = 0; page < kTrampolineSize; page += wire::kPageSize) {
        ask(cell, Order::read_byte, kTrampolineBase + page);
    }
    ask(cell, Order::echo, wire::kWindowSize);
    cell.mailbox().message.chunk = wire::kWindowSize;
}

TEST(Pages, AreAllGoneAfterAResetThatLeavesNothing) {
    const auto first = make_cell_with(kLeavesNothing);
    ask(*first, Order::dirty, 50);
    const auto saved = first->snapshot();
    ASSERT_TRUE(saved);
    for (const auto& image : {test_image(), *saved}) {
        const auto cell = make_cell_with(kLeavesNothing, image);
        const std::uint64_t before = count(*cell);
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        const Presence after_little(*cell);
        // The page that the trampoline itself writes when it sets the flags, on the stack that the guest begins with.
        EXPECT_LE(after_little.from_image_on(), 1U);
        use_memory(*cell);
        EXPECT_GT(Presence(*cell).from_image_on(), 2000U);
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        // At once, not when the guest has its next turn, which would be slower for it and be counted as its own.
        EXPECT_EQ(Presence(*cell).pages(), after_little.pages());
        EXPECT_EQ(order_for(*cell, std::chrono::milliseconds(5), Order::spin), Stop::interrupted);
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        EXPECT_EQ(Presence(*cell).pages(), after_little.pages());
        EXPECT_EQ(count(*cell), before);
    }
}

// So that the test above can fail.
TEST(Pages, StayAfterAFastReset) {
    const auto cell = make_cell();
    ask(*cell, Order::dirty, 30);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(count(*cell), 1U);
    EXPECT_GT(Presence(*cell).from_image_on(), 30U);
}

}  // namespace
}  // namespace curfew::cell::testing
