// Many cells, one after the other and at once, leave nothing behind.
#include <gtest/gtest.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <vector>

#include "cell/process/testing/process_fixture.h"
#include "cell/testing/processes.h"

namespace curfew::cell::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kManyCells = 1000;
constexpr std::size_t kCellsAtOnce = 200;

std::vector<pid_t> children(pid_t launcher) {
    std::vector<pid_t> found;
    const std::string name = std::to_string(launcher);
    std::istringstream pids(content_of("/proc/" + name + "/task/" + name + "/children"));
    for (pid_t pid = 0; pids >> pid;) found.push_back(pid);
    return found;
}

// Whether a process was killed and has still to take notice, or is gone but for its number.
bool is_dying(pid_t pid) {
    constexpr unsigned long long kKilled = 1ULL << (SIGKILL - 1);
    const auto killed = [&](const char* signals) {
        return (std::strtoull(status_of(pid, signals).c_str(), nullptr, 16) & kKilled) != 0;
    };
    return killed("SigPnd") || killed("ShdPnd") || mappings_of(pid).empty();
}

// Cells that were dropped die on their own, and late on a busy machine.
void wait_for_the_dying(pid_t launcher) {
    const auto begin = std::chrono::steady_clock::now();
    while (std::ranges::any_of(children(launcher), is_dying)) {
        ASSERT_LT(std::chrono::steady_clock::now() - begin, 60s);
        EXPECT_EQ(count(*make_cell()), 1U);  // the launcher takes them away when it is asked for something
    }
}

// A launcher's cells, but not its spare process, which alone has descriptors.
std::size_t processes_of(pid_t launcher) {
    return static_cast<std::size_t>(std::ranges::count_if(children(launcher), [](pid_t pid) {
        std::error_code gone;
        const std::filesystem::directory_iterator first("/proc/" + std::to_string(pid) + "/fd", gone), end;
        return gone || first == end;
    }));
}

// Mappings of files of ours.
std::size_t own_mappings() {
    const auto lines = mappings_of(::getpid());
    return static_cast<std::size_t>(
        std::ranges::count_if(lines, [](const MappingLine& line) { return line.name.contains("memfd:curfew"); }));
}

// What is in use when everything that was begun is over.
struct InUse {
    std::size_t descriptors;
    std::size_t processes;
    std::size_t mappings;
    std::uint64_t memory;

    static InUse now() {
        const auto cell = make_cell();  // the launcher serves one request after the other
        EXPECT_EQ(count(*cell), 1U);
        wait_for_the_dying(parent_of(cell->pid()));
        ::malloc_trim(0);
        return {descriptors_of(::getpid()), processes_of(parent_of(cell->pid())), own_mappings(), resident_bytes()};
    }
};

void expect_nothing_left(const InUse& before) {
    const InUse after = InUse::now();
    EXPECT_EQ(after.descriptors, before.descriptors);
    EXPECT_EQ(after.processes, before.processes);
    EXPECT_EQ(after.mappings, before.mappings);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they keep what was freed
    EXPECT_LE(after.memory, before.memory + (1 << 20));
#endif
}

void use(ProcessCell& cell, int i) {
    EXPECT_EQ(count(cell), 1U);
    switch (i % 5) {
        case 0: EXPECT_EQ(order(cell, Order::illegal_instruction), Stop::died); break;
        case 1:
            cell.interrupt();
            EXPECT_EQ(cell.resume(), Stop::interrupted);
            EXPECT_TRUE(cell.reset());
            break;
        case 2: ask(cell, Order::dirty, 20); break;
        case 3: EXPECT_TRUE(cell.snapshot()); break;
        default: break;
    }
}

TEST(Endurance, AThousandCellsLeaveNothing) {
    for (int i = 0; i < 10; ++i) use(*make_cell(), i);
    const InUse before = InUse::now();
    for (int i = 0; i < kManyCells; ++i) use(*make_cell(), i);
    expect_nothing_left(before);
}

TEST(Endurance, ManyCellsAtOnceWorkAndLeaveNothing) {
    for (int i = 0; i < 10; ++i) use(*make_cell(), i);
    const InUse before = InUse::now();
    {
        std::vector<std::unique_ptr<ProcessCell>> cells;
        for (std::size_t i = 0; i < kCellsAtOnce; ++i) cells.push_back(make_cell());
        for (std::uint64_t call = 1; call <= 3; ++call) {
            for (const auto& cell : cells) ASSERT_EQ(count(*cell), call);
        }
        const InUse during = InUse::now();
        EXPECT_EQ(during.descriptors, before.descriptors + kCellsAtOnce);
        EXPECT_EQ(during.processes, before.processes + kCellsAtOnce);
    }
    expect_nothing_left(before);
}

TEST(Endurance, ManyResetsTakeNoMoreMemory) {
    const auto cell = make_cell();
    ask(*cell, Order::dirty, 50);
    ASSERT_TRUE(cell->reset());
    const std::uint64_t before = cell->pages_written();
    for (int i = 0; i < 1000; ++i) {
        std::ranges::fill(cell->window(), std::byte{1});
        ask(*cell, Order::dirty, 50);
        ASSERT_TRUE(cell->reset());
    }
    EXPECT_LE(cell->pages_written(), before + 2);
}

}  // namespace
}  // namespace curfew::cell::testing
