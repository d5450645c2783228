// The guest's allocator on a piece of the test's own memory, against a model of what it holds.
#include "guest/platform/heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace curfew::guest {
namespace {

constexpr std::size_t kSize = 4 << 20;

class HeapTest : public ::testing::Test {
  protected:
    HeapTest() { heap_.init(base(), kSize); }

    void* base() { return memory_.get(); }
    bool inside(const void* block, std::size_t size) {
        const auto* start = static_cast<const std::byte*>(block);
        return start >= memory_.get() && start + size <= memory_.get() + kSize;
    }

    std::unique_ptr<std::byte[]> memory_ = std::make_unique<std::byte[]>(kSize);
    Heap heap_;
};

std::uintptr_t address(const void* block) { return reinterpret_cast<std::uintptr_t>(block); }

TEST_F(HeapTest, GivesAlignedBlocksThatDoNotOverlap) {
    std::map<std::uintptr_t, std::size_t> blocks;
    for (std::size_t size = 0; size < 3000; size += 7) {
        void* block = heap_.allocate(size);
        ASSERT_NE(block, nullptr);
        EXPECT_EQ(address(block) % Heap::kAlignment, 0u);
        EXPECT_GE(Heap::usable_size(block), size);
        ASSERT_TRUE(inside(block, Heap::usable_size(block)));
        const auto next = blocks.lower_bound(address(block));
        if (next != blocks.end()) {
            EXPECT_LE(address(block) + Heap::usable_size(block), next->first);
        }
        if (next != blocks.begin()) {
            EXPECT_LE(std::prev(next)->first + std::prev(next)->second, address(block));
        }
        blocks[address(block)] = Heap::usable_size(block);
    }
    EXPECT_TRUE(heap_.consistent());
}

TEST_F(HeapTest, CostsAtMostSixteenBytesABlock) {
    for (std::size_t size = 24; size < 2000; ++size) {
        const std::size_t before = heap_.used();
        void* block = heap_.allocate(size);
        EXPECT_LE(heap_.used() - before, (size + 15) / 16 * 16 + 16) << size;
        EXPECT_LE(heap_.used() - before - size, Heap::kOverhead + 15) << size;
        heap_.release(block);
    }
}

// What a gauge is told; functions for it are plain ones.
std::uint64_t shown_peak;
std::uint64_t shown_limit;
int times_passed;

void count_passing() { ++times_passed; }

TEST_F(HeapTest, ShowsItsPeakAndTellsWhenItPassesTheLimit) {
    shown_limit = 0;
    times_passed = 0;
    void* first = heap_.allocate(1000);
    heap_.attach({.peak = &shown_peak, .limit = &shown_limit, .passed = count_passing});
    EXPECT_EQ(shown_peak, heap_.used());
    void* second = heap_.allocate(100'000);
    EXPECT_EQ(shown_peak, heap_.peak());
    EXPECT_EQ(times_passed, 0) << "no limit";

    shown_limit = heap_.peak() + 1000;
    heap_.release(second);
    second = heap_.allocate(100'000);
    void* third = heap_.allocate(500);
    EXPECT_EQ(shown_peak, heap_.peak());
    EXPECT_EQ(times_passed, 0) << "within the limit";
    third = heap_.resize(third, 20'000);
    EXPECT_EQ(times_passed, 1) << "grown in place";
    heap_.release(third);
    third = heap_.allocate_zeroed(20'000);
    EXPECT_EQ(times_passed, 1) << "no new peak";
    shown_limit = heap_.peak() + 1;
    void* fourth = heap_.allocate(1);
    EXPECT_EQ(times_passed, 2);

    heap_.release(fourth);
    heap_.release(second);
    heap_.release(third);
    shown_limit = 10'000;
    heap_.reset_peak();
    EXPECT_EQ(shown_peak, heap_.used());
    EXPECT_EQ(times_passed, 2) << "the new peak is within the limit";
    shown_limit = 100;
    heap_.reset_peak();
    EXPECT_EQ(times_passed, 3) << "the new peak has passed it already";
    heap_.release(first);
    EXPECT_TRUE(heap_.consistent());
}

// A free block above takes in what is needed and passes the limit as well.
TEST_F(HeapTest, TellsOfGrowthIntoAFreeNeighbour) {
    times_passed = 0;
    void* block = heap_.allocate(1000);
    void* above = heap_.allocate(5000);
    void* top = heap_.allocate(16);
    heap_.release(above);
    shown_limit = heap_.used() + 100;
    heap_.attach({.peak = &shown_peak, .limit = &shown_limit, .passed = count_passing});
    EXPECT_EQ(heap_.resize(block, 3000), block);
    EXPECT_EQ(times_passed, 1);
    EXPECT_EQ(shown_peak, heap_.used());
    heap_.release(top);
}

TEST_F(HeapTest, StartsOverWhenAllIsReleased) {
    void* first = heap_.allocate(100);
    std::vector<void*> blocks;
    for (int i = 0; i < 1000; ++i) blocks.push_back(heap_.allocate(static_cast<std::size_t>(i)));
    heap_.release(first);
    for (void* block : blocks) heap_.release(block);
    EXPECT_EQ(heap_.used(), 0u);
    EXPECT_TRUE(heap_.consistent());
    EXPECT_EQ(heap_.allocate(100), first);
}

TEST_F(HeapTest, UsesWhatWasReleasedBeforeFreshMemory) {
    std::vector<void*> blocks;
    for (int i = 0; i < 100; ++i) blocks.push_back(heap_.allocate(1000));
    const std::size_t extent = heap_.extent();
    for (std::size_t i = 0; i < blocks.size(); i += 2) heap_.release(blocks[i]);
    for (int i = 0; i < 100; ++i) ASSERT_NE(heap_.allocate(400), nullptr);
    EXPECT_EQ(heap_.extent(), extent);
    EXPECT_TRUE(heap_.consistent());
}

TEST_F(HeapTest, PrefersLowAddresses) {
    std::vector<void*> blocks;
    for (int i = 0; i < 10; ++i) {
        blocks.push_back(heap_.allocate(500));
        ASSERT_NE(heap_.allocate(16), nullptr);  // keeps neighbours from merging
    }
    for (const std::size_t i : {5u, 2u, 8u, 0u, 9u}) heap_.release(blocks[i]);
    EXPECT_EQ(heap_.allocate(500), blocks[0]);
}

TEST_F(HeapTest, MergesNeighboursInAnyOrder) {
    std::vector<int> order = {0, 1, 2, 3};
    do {
        std::vector<void*> blocks;
        for (int i = 0; i < 4; ++i) blocks.push_back(heap_.allocate(1000));
        void* end = heap_.allocate(16);
        for (const int i : order) heap_.release(blocks[static_cast<std::size_t>(i)]);
        EXPECT_TRUE(heap_.consistent());
        void* whole = heap_.allocate(4000);
        EXPECT_EQ(whole, blocks[0]);
        heap_.release(whole);
        heap_.release(end);
        EXPECT_EQ(heap_.used(), 0u);
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(HeapTest, ResizesInPlaceWhereItCan) {
    void* block = heap_.allocate(1000);
    void* next = heap_.allocate(1000);
    void* last = heap_.allocate(1000);
    std::memset(block, 7, 1000);
    EXPECT_EQ(heap_.resize(block, 100), block);
    EXPECT_EQ(heap_.resize(block, 1000), block) << "into the part that was given back";
    heap_.release(next);
    EXPECT_EQ(heap_.resize(block, 1900), block) << "into the free neighbour";
    EXPECT_EQ(heap_.resize(last, 100'000), last) << "into the frontier";
    EXPECT_TRUE(heap_.consistent());
    void* moved = heap_.resize(block, 5000);
    ASSERT_NE(moved, nullptr);
    EXPECT_NE(moved, block);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(static_cast<char*>(moved)[i], 7);
    EXPECT_TRUE(heap_.consistent());
}

TEST_F(HeapTest, FailsCleanlyWhenItIsFull) {
    std::vector<void*> blocks;
    while (void* block = heap_.allocate(1000)) blocks.push_back(block);
    EXPECT_GT(blocks.size() * 1016, kSize - 2048);
    const std::size_t used = heap_.used();
    EXPECT_EQ(heap_.allocate(kSize), nullptr);
    EXPECT_EQ(heap_.allocate_zeroed(1000), nullptr);
    EXPECT_EQ(heap_.resize(blocks[0], 2000), nullptr);
    EXPECT_EQ(heap_.allocate(SIZE_MAX), nullptr);
    EXPECT_EQ(heap_.allocate(SIZE_MAX - 7), nullptr);
    EXPECT_EQ(heap_.resize(blocks[0], SIZE_MAX), nullptr);
    EXPECT_EQ(heap_.used(), used);
    EXPECT_TRUE(heap_.consistent());
    heap_.release(blocks[10]);
    EXPECT_EQ(heap_.allocate(1000), blocks[10]);
}

TEST_F(HeapTest, HasAsMuchAsItsRegionWhenThatChanges) {
    heap_.init(base(), kSize / 4);
    void* const first = heap_.allocate(kSize / 8);
    EXPECT_EQ(heap_.allocate(kSize / 4), nullptr);
    heap_.set_size(kSize / 2);
    void* const second = heap_.allocate(kSize / 4);
    ASSERT_NE(second, nullptr);
    EXPECT_TRUE(inside(second, kSize / 4));
    EXPECT_EQ(heap_.allocate(kSize / 4), nullptr);
    heap_.set_size(heap_.extent() + Heap::kAlignment);
    EXPECT_EQ(heap_.allocate(kSize / 8), nullptr);
    heap_.release(first);
    EXPECT_EQ(heap_.allocate(kSize / 8), first);
    EXPECT_TRUE(heap_.consistent());
}

TEST_F(HeapTest, KnowsItsBlocks) {
    std::vector<std::byte> other(1000);
    Heap next;
    next.init(base(), kSize / 2);
    heap_.init(memory_.get() + kSize / 2, kSize / 2);
    std::vector<void*> below, above;
    while (void* block = next.allocate(5000)) below.push_back(block);
    while (void* block = heap_.allocate(5000)) above.push_back(block);
    EXPECT_TRUE(std::ranges::all_of(below, [&](void* block) { return next.owns(block) && !heap_.owns(block); }));
    EXPECT_TRUE(std::ranges::all_of(above, [&](void* block) { return heap_.owns(block) && !next.owns(block); }));
    EXPECT_FALSE(heap_.owns(nullptr));
    EXPECT_FALSE(heap_.owns(other.data()));
}

TEST_F(HeapTest, ZeroesWhatWasUsedBefore) {
    void* block = heap_.allocate(10'000);
    std::memset(block, 0xff, 10'000);
    heap_.release(block);
    auto* zeroed = static_cast<unsigned char*>(heap_.allocate_zeroed(20'000));
    for (int i = 0; i < 20'000; ++i) ASSERT_EQ(zeroed[i], 0) << i;
}

TEST_F(HeapTest, FollowsUseAndPeak) {
    void* small = heap_.allocate(100);
    const std::size_t used = heap_.used();
    void* large = heap_.allocate(100'000);
    const std::size_t most = heap_.used();
    heap_.release(large);
    EXPECT_EQ(heap_.used(), used);
    EXPECT_EQ(heap_.peak(), most);
    heap_.reset_peak();
    EXPECT_EQ(heap_.peak(), used);
    EXPECT_EQ(heap_.resize(small, 50'000), small);
    heap_.release(small);
    EXPECT_GT(heap_.peak(), 50'000u);
    EXPECT_GE(heap_.extent(), 100'000u);
}

TEST(Heap, IsFullWhenItHasNoRoom) {
    alignas(16) std::byte memory[64] = {};
    for (std::size_t size = 0; size <= sizeof(memory); size += 16) {
        Heap heap;
        heap.init(memory, size);
        EXPECT_EQ(heap.allocate(100), nullptr) << size;
        EXPECT_TRUE(heap.consistent());
    }
}

// Random allocations, releases and resizes, with a mark in every block that must still be there at its end.
class HeapRandomTest : public HeapTest, public ::testing::WithParamInterface<unsigned> {};

TEST_P(HeapRandomTest, AgreesWithAModel) {
    struct Block {
        unsigned char* start;
        std::size_t size;
        unsigned char mark;
    };
    std::mt19937 random(GetParam());
    std::vector<Block> blocks;
    const auto fill = [](const Block& block) { std::memset(block.start, block.mark, block.size); };
    const auto check = [](const Block& block, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            if (block.start[i] != block.mark) return false;
        }
        return true;
    };
    const auto any_size = [&] {
        const auto kind = random() % 10;
        return std::size_t{kind < 6 ? random() % 200 : kind < 9 ? random() % 5000 : random() % 300'000};
    };
    int failures = 0;
    for (int step = 0; step < 20'000; ++step) {
        const auto action = random() % 8;
        if (action < 4 || blocks.empty()) {
            const std::size_t size = any_size();
            const bool zeroed = action == 0;
            auto* start = static_cast<unsigned char*>(zeroed ? heap_.allocate_zeroed(size) : heap_.allocate(size));
            if (!start) {
                ++failures;
                continue;
            }
            Block block{start, size, 0};
            ASSERT_TRUE(!zeroed || check(block, size)) << "step " << step;
            block.mark = static_cast<unsigned char>(random());
            fill(block);
            blocks.push_back(block);
        } else {
            Block& block = blocks[random() % blocks.size()];
            ASSERT_TRUE(check(block, block.size)) << "step " << step;
            if (action < 6) {
                heap_.release(block.start);
                block = blocks.back();
                blocks.pop_back();
            } else {
                const std::size_t size = any_size();
                auto* start = static_cast<unsigned char*>(heap_.resize(block.start, size));
                if (!start) {
                    ++failures;
                    continue;
                }
                block.start = start;
                ASSERT_TRUE(check(block, std::min(size, block.size))) << "step " << step;
                block.size = size;
                fill(block);
            }
        }
        ASSERT_TRUE(step % 500 != 0 || heap_.consistent()) << "step " << step;
    }
    EXPECT_GT(failures, 0) << "the test should have met a full heap";
    for (const Block& block : blocks) heap_.release(block.start);
    EXPECT_EQ(heap_.used(), 0u);
    EXPECT_TRUE(heap_.consistent());
}

INSTANTIATE_TEST_SUITE_P(Seeds, HeapRandomTest, ::testing::Range(1u, 9u));

}  // namespace
}  // namespace curfew::guest
