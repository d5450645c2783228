// Counts what happens, in the registry of <curfew/metrics.h>, if there is one.
#ifndef CURFEW_SANDBOX_METRICS_H
#define CURFEW_SANDBOX_METRICS_H

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <curfew/metrics.h>

namespace prometheus {
class Histogram;
}

namespace curfew::sandbox {

class MetricsSink;

// The states of a sandbox that are counted, each as an object of its own.
enum class Stage : std::uint8_t { none, proto, runtime, loaded };

// Counts its owner as one of a stage for as long as it lives. A copy is in no stage at first, as no copy of a
// configuration is a sandbox.
class Counted {
  public:
    Counted() noexcept = default;
    Counted(const Counted&) noexcept {}
    Counted& operator=(const Counted&) noexcept { return *this; }
    ~Counted() { enter(Stage::none); }

    void enter(Stage stage) noexcept;
    Stage stage() const noexcept { return stage_; }

  private:
    Stage stage_ = Stage::none;
};

void count_load() noexcept;
void count_unload() noexcept;
void count_termination(std::string_view monitor) noexcept;
void count_warning(std::string_view monitor) noexcept;

// The number of times that the registry was changed; zero while there is none.
extern constinit std::atomic<std::uint64_t> metrics_generation;

// Counts one sandbox's calls. It remembers where each handler's are counted, so that a call that is counted costs a
// look at the clock's reading, a hash and the histogram's own lock, and one that is not costs one load.
class CallMetrics {
  public:
    void record(std::string_view handler, bool with_gc, std::chrono::nanoseconds time) noexcept {
        // Relaxed: a registry that has just been set may miss this call; the lock below orders everything else.
        const std::uint64_t generation = metrics_generation.load(std::memory_order_relaxed);
        if (generation == 0 && sink_ == nullptr) return;
        count(generation, handler, with_gc, time);
    }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    using OfHandler =
        std::array<prometheus::Histogram*, 2>;  // without and with garbage collection; null: not yet known

    void count(std::uint64_t generation, std::string_view handler, bool with_gc,
               std::chrono::nanoseconds time) noexcept;

    std::uint64_t generation_ = 0;
    std::shared_ptr<MetricsSink> sink_;  // keeps what the pointers lead to
    std::unordered_map<std::string, OfHandler, Hash, std::equal_to<>> handlers_;
};

}  // namespace curfew::sandbox

#endif
