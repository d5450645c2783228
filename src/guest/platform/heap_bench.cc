// The guest's allocator beside the C library's, on the same patterns in one run.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "guest/platform/heap.h"

namespace curfew::guest {
namespace {

class OwnHeap {
  public:
    OwnHeap() { heap_.init(memory_.get(), kSize); }
    void* allocate(std::size_t size) { return heap_.allocate(size); }
    void release(void* block) { heap_.release(block); }
    void* resize(void* block, std::size_t size) { return heap_.resize(block, size); }

  private:
    static constexpr std::size_t kSize = 256 << 20;
    struct Free {
        void operator()(void* memory) const { std::free(memory); }
    };
    std::unique_ptr<void, Free> memory_{std::calloc(1, kSize)};
    Heap heap_;
};

class LibcHeap {
  public:
    void* allocate(std::size_t size) { return std::malloc(size); }
    void release(void* block) { std::free(block); }
    void* resize(void* block, std::size_t size) { return std::realloc(block, size); }
};

// One block made and freed at once: the best case of every allocator.
template <typename Allocator>
void make_and_free(benchmark::State& state) {
    Allocator allocator;
    const auto size = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        void* block = allocator.allocate(size);
        benchmark::DoNotOptimize(block);
        allocator.release(block);
    }
}

// A thousand live blocks, of which a random one is replaced at a time.
template <typename Allocator>
void replace_random(benchmark::State& state, std::vector<std::size_t> sizes) {
    Allocator allocator;
    std::mt19937 random(1);
    std::vector<void*> live(1000);
    std::vector<std::pair<std::uint32_t, std::size_t>> plan(1 << 14);
    for (auto& [index, size] : plan) {
        index = static_cast<std::uint32_t>(random() % live.size());
        size = sizes[random() % sizes.size()];
    }
    std::size_t step = 0;
    for (auto _ : state) {
        const auto& [index, size] = plan[step++ % plan.size()];
        allocator.release(live[index]);
        live[index] = allocator.allocate(size);
        benchmark::DoNotOptimize(live[index]);
    }
    for (void* block : live) allocator.release(block);
}

// What the engine asks for: pages for its small objects, and arrays and strings of a few KiB.
template <typename Allocator>
void engine_mix(benchmark::State& state) {
    replace_random<Allocator>(state, {4096, 4080, 4072, 4096, 520, 776, 1040, 2064, 3000, 8200});
}

template <typename Allocator>
void small_mix(benchmark::State& state) {
    replace_random<Allocator>(state, {16, 24, 32, 40, 48, 64, 72, 96, 128, 200});
}

template <typename Allocator>
void mixed_sizes(benchmark::State& state) {
    replace_random<Allocator>(state, {16, 48, 100, 300, 800, 2000, 5000, 20'000, 60'000});
}

// A string that is built up to 64 KiB, half as long again every time.
template <typename Allocator>
void grow(benchmark::State& state) {
    Allocator allocator;
    for (auto _ : state) {
        void* block = allocator.allocate(64);
        for (std::size_t size = 96; size < 65'536; size += size / 2) {
            block = allocator.resize(block, size);
            benchmark::DoNotOptimize(block);
        }
        allocator.release(block);
    }
}

BENCHMARK_TEMPLATE(make_and_free, OwnHeap)->Arg(32)->Arg(500)->Arg(4096);
BENCHMARK_TEMPLATE(make_and_free, LibcHeap)->Arg(32)->Arg(500)->Arg(4096);
BENCHMARK_TEMPLATE(small_mix, OwnHeap);
BENCHMARK_TEMPLATE(small_mix, LibcHeap);
BENCHMARK_TEMPLATE(engine_mix, OwnHeap);
BENCHMARK_TEMPLATE(engine_mix, LibcHeap);
BENCHMARK_TEMPLATE(mixed_sizes, OwnHeap);
BENCHMARK_TEMPLATE(mixed_sizes, LibcHeap);
BENCHMARK_TEMPLATE(grow, OwnHeap);
BENCHMARK_TEMPLATE(grow, LibcHeap);

}  // namespace
}  // namespace curfew::guest

BENCHMARK_MAIN();
