// What the system shows of a live cell and of the launcher: nothing there that a guest could use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "cell/process/cell_request.h"
#include "cell/process/testing/process_fixture.h"
#include "cell/process/x86_64/trampoline.h"
#include "cell/testing/processes.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint64_t kVsyscall = 0xffffffffff600000;

std::vector<MappingLine> cell_mappings(const ProcessCell& cell) {
    auto lines = mappings_of(cell.pid());
    // The kernel's name for what lies where a program's break could grow, which is at random: it says nothing of content.
    for (MappingLine& line : lines) {
        if (line.name == "[heap]") line.name.clear();
    }
    // The kernel's own page, the same in every process; using it is a system call like others.
    std::erase_if(lines, [](const MappingLine& line) { return line.start == kVsyscall && line.name == "[vsyscall]"; });
    return lines;
}

// All that a cell of this state may have in its address space.
std::vector<MappingLine> expected_mappings(const MemoryImage& image, const CellOptions& options = {}) {
    const auto file = [](Content content) -> std::string {
        switch (content) {
            case Content::zero: break;
            case Content::image: return "/memfd:curfew-image";
            case Content::program: return "/memfd:curfew-program";
            case Content::state: return "/memfd:curfew-snapshot";
        }
        return "";
    };
    std::vector<MappingLine> lines{
        {kTrampolineBase, kTrampolineBase + wire::kPageSize, "r-xp", ""},
        {kTrampolineBase + wire::kPageSize, kTrampolineBase + CURFEW_TRAMPOLINE_SIZE, "r--p", ""},
        {kSignalStackBase, kSignalStackBase + kSignalStackSize, "rw-p", ""},
        {wire::kMailboxBase, wire::kMailboxBase + wire::kMailboxSize, "rw-s", "/memfd:curfew-mailbox"}};
    for (const Segment& segment : image.program->segments()) {
        if (segment.writable) continue;
        lines.push_back({segment.address, segment.address + segment.length, segment.executable ? "r-xp" : "r--p",
                         file(segment.content)});
    }
    for (const Piece& piece : image.pieces) {
        lines.push_back({piece.address, piece.end(), piece.executable ? "rwxp" : "rw-p", file(piece.content)});
    }
    for (const Content content : {Content::image, Content::program, Content::state}) {
        MappingLine pristine{~std::uint64_t{0}, 0, "r--p", file(content)};
        for (const Piece& piece : image.pieces) {
            if (piece.content != content) continue;
            const std::uint64_t copy = pristine_base(content) + piece.offset;
            pristine.start = std::min(pristine.start, copy);
            pristine.end = std::max(pristine.end, copy + piece.length);
        }
        if (!options.leaves_nothing && pristine.end != 0) lines.push_back(pristine);
    }
    std::ranges::sort(lines, {}, &MappingLine::start);
    return lines;
}

void PrintLines(std::ostream& out, const std::vector<MappingLine>& lines) {
    for (const MappingLine& line : lines) {
        out << std::hex << line.start << '-' << line.end << ' ' << line.permissions << ' ' << line.name << '\n';
    }
}

void expect_sealed(const ProcessCell& cell, const CellOptions& options = {}) {
    const auto lines = cell_mappings(cell);
    std::ostringstream shown;
    PrintLines(shown, lines);
    EXPECT_EQ(lines, expected_mappings(*cell.image(), options)) << shown.str();
    for (const MappingLine& line : lines) {
        EXPECT_FALSE(line.permissions.contains('w') && line.permissions.contains('x'));
    }
    EXPECT_EQ(descriptors_of(cell.pid()), 0U);
    const auto proc = "/proc/" + std::to_string(cell.pid());
    EXPECT_THAT(content_of(proc + "/environ"), IsEmpty());
    EXPECT_THAT(content_of(proc + "/cmdline"), IsEmpty());
    // "gd" marks memory that grows by itself.
    EXPECT_THAT(content_of(proc + "/smaps"), ::testing::Not(HasSubstr(" gd")));
    for (const auto& [field, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"Seccomp", "2"},
                                                                    {"NoNewPrivs", "1"},
                                                                    {"Threads", "1"},
                                                                    {"THP_enabled", "0"},
                                                                    {"SigBlk", "0000000000000000"},
                                                                    {"SigIgn", "0000000000000000"},
                                                                    {"CapInh", "0000000000000000"},
                                                                    {"CapPrm", "0000000000000000"},
                                                                    {"CapEff", "0000000000000000"},
                                                                    {"CapAmb", "0000000000000000"}}) {
        EXPECT_EQ(status_of(cell.pid(), field), value) << field;
    }
    // With a limit of one byte the kernel writes no core file and runs no core handler.
    const std::string limits = content_of(proc + "/limits");
    for (const auto& [name, most] :
         std::initializer_list<std::pair<std::string, std::string>>{{"Max core file size", "1"},
                                                                    {"Max file size", "0"},
                                                                    {"Max processes", "0"},
                                                                    {"Max open files", "0"},
                                                                    {"Max locked memory", "0"},
                                                                    {"Max msgqueue size", "0"}}) {
        std::istringstream words(limits.substr(limits.find(name) + name.size()));
        std::string soft, hard;
        words >> soft >> hard;
        EXPECT_EQ(soft, most) << name;
        EXPECT_EQ(hard, most) << name;
    }
}

TEST(Isolation, AFreshCellHasNothingButItsOwn) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    expect_sealed(*cell);
}

TEST(Isolation, AStrictCellHasNothingButItsOwn) {
    constexpr CellOptions kStrict{.coarse_time = true, .leaves_nothing = true};
    const auto first = make_cell_with(kStrict);
    ask(*first, Order::dirty, 30);
    expect_sealed(*first, kStrict);
    const auto saved = first->snapshot();
    ASSERT_TRUE(saved);
    const auto second = make_cell_with(kStrict, *saved);
    EXPECT_EQ(ask(*second, Order::count), 1U);
    expect_sealed(*second, kStrict);
}

TEST(Isolation, ACellFromASnapshotHasNothingButItsOwn) {
    const auto first = make_cell();
    ask(*first, Order::dirty, 30);
    const auto saved = first->snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    const auto cell = make_cell(*saved);
    EXPECT_EQ(count(*cell), 1U);
    expect_sealed(*cell);
    expect_sealed(*first);
}

TEST(Isolation, AResetCellHasNothingButItsOwn) {
    const auto cell = make_cell();
    cell->interrupt();
    EXPECT_EQ(cell->resume(), Stop::interrupted);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(count(*cell), 1U);
    expect_sealed(*cell);
}

TEST(Isolation, HeapAndStackHaveGapsAround) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    const auto lines = cell_mappings(*cell);
    constexpr std::uint64_t kGap = 64 << 10;
    for (const auto& [start, end] : std::initializer_list<std::pair<std::uint64_t, std::uint64_t>>{
             {wire::kHeapBase, wire::kHeapBase + kTestSizes.heap},
             {wire::kStackTop - kTestSizes.stack, wire::kStackTop}}) {
        EXPECT_TRUE(std::ranges::none_of(lines, [&](const MappingLine& line) {
            return (line.start < end + kGap && line.start >= end) || (line.end > start - kGap && line.end <= start);
        }));
    }
}

TEST(Isolation, TheLauncherHasLittle) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    const pid_t launcher = parent_of(cell->pid());
    ASSERT_GT(launcher, 1);
    // Its socket, the pidfd of its host, the socket of what keeps its cells' pids, and what a spare process takes.
    EXPECT_LE(descriptors_of(launcher), 3U + 3U);
    EXPECT_EQ(::getpgid(launcher), launcher);
    EXPECT_THAT(content_of("/proc/" + std::to_string(launcher) + "/environ"), IsEmpty());
    EXPECT_EQ(status_of(launcher, "NoNewPrivs"), "1");
    EXPECT_EQ(status_of(launcher, "Seccomp"), "2");
    EXPECT_EQ(status_of(launcher, "CapEff"), "0000000000000000");
    EXPECT_EQ(status_of(launcher, "Threads"), "1");
    for (const MappingLine& line : mappings_of(launcher)) {
        EXPECT_TRUE(line.start == kVsyscall || line.end <= kTrampolineBase) << line.name;
        EXPECT_FALSE(line.permissions.contains('w') && line.permissions.contains('x'));
    }
}

// Lets the calling thread run on one CPU only, and others again at its end.
class OnCpu {
  public:
    OnCpu() { ::sched_getaffinity(0, sizeof before_, &before_); }
    ~OnCpu() { ::sched_setaffinity(0, sizeof before_, &before_); }

    void move_to(unsigned nth) const {
        const auto count = static_cast<unsigned>(CPU_COUNT(&before_));
        cpu_set_t one;
        CPU_ZERO(&one);
        for (unsigned cpu = 0, seen = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &before_) && seen++ == nth % count) CPU_SET(cpu, &one);
        }
        ::sched_setaffinity(0, sizeof one, &one);
    }

  private:
    cpu_set_t before_{};
};

// An interrupt must not stop a cell that still has the launcher's memory: a reset would run the guest beside it. Cells
// start on their caller's CPU, so the caller moves to another one to meet them half made.
TEST(Isolation, AnInterruptAtAnyMomentOfTheSetUpLeavesNothingOfTheLauncher) {
    const OnCpu place;
    unsigned survivors = 0;
    for (unsigned i = 0; i < 600; ++i) {
        place.move_to(0);
        const auto cell = make_cell();
        place.move_to(1);
        for (unsigned wait = 0; wait < i * 2; ++wait) __builtin_ia32_pause();
        cell->interrupt();
        ASSERT_EQ(cell->resume(), Stop::interrupted) << cell->death().text;
        if (cell->death()) continue;  // the machine was too busy for it to start soon enough
        ++survivors;
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        ASSERT_EQ(cell_mappings(*cell), expected_mappings(*cell->image()));
        ASSERT_EQ(descriptors_of(cell->pid()), 0U);
        ASSERT_EQ(count(*cell), 1U);
    }
    EXPECT_GT(survivors, 0U);
}

TEST(Isolation, CellsShareTextAndReadOnlyData) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    const auto other = make_cell();
    EXPECT_EQ(count(*other), 1U);
    std::istringstream smaps(content_of("/proc/" + std::to_string(cell->pid()) + "/smaps"));
    std::string section;
    unsigned shared = 0;
    for (std::string line; std::getline(smaps, line);) {
        const std::string first = line.substr(0, line.find(' '));
        if (first.contains('-') && !first.ends_with(':')) section = line;
        const bool read_only = section.contains("r-xp") || section.contains("r--p");
        if (!section.contains("curfew-image") || !read_only) continue;
        if (line.starts_with("Private_Dirty:") || line.starts_with("Anonymous:")) {
            EXPECT_THAT(line, HasSubstr(" 0 kB")) << section;
            ++shared;
        }
    }
    EXPECT_GE(shared, 4U);
}

}  // namespace
}  // namespace curfew::cell::testing
