#include "sandbox/life_record.h"

#include <utility>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"

namespace curfew::sandbox {

namespace {

struct Counts {
    base::ForkSafeMutex mutex;
    SandboxCounts now GUARDED_BY(mutex);
};
constinit base::Immortal<Counts> g_counts;

std::uint64_t& of(SandboxCounts& counts, SandboxStage stage) noexcept {
    switch (stage) {
        case SandboxStage::proto: return counts.proto;
        case SandboxStage::runtime: return counts.runtime;
        case SandboxStage::loaded: break;
    }
    return counts.loaded;
}

// Always before the step is told, so that who hears of it finds it counted.
void count_step(std::optional<SandboxStage> from, std::optional<SandboxStage> to) noexcept {
    Counts& counts = g_counts.get();
    const base::Lock lock(counts.mutex);
    if (from) --of(counts.now, *from);
    if (to) ++of(counts.now, *to);
}

}  // namespace

LifeRecord::~LifeRecord() {
    if (!stage_) return;
    count_step(stage_, std::nullopt);
    events_.tell(&Observer::sandbox_dropped, {.sandbox = events_.number(), .stage = *stage_});
}

void LifeRecord::made(SandboxStage stage, engine::ImageKind kind, std::shared_ptr<const ObserverList> own,
                      std::span<const std::string> handlers) noexcept {
    events_.set_own(std::move(own));
    count_step(stage_, stage);
    stage_ = stage;
    events_.tell(&Observer::sandbox_made, {.sandbox = events_.number(),
                                           .stage = stage,
                                           .handlers = handlers,
                                           .engine = kind.engine,
                                           .jitless = kind.jitless});
}

void LifeRecord::loaded(std::span<const std::string> handlers) noexcept {
    count_step(std::exchange(stage_, SandboxStage::loaded), SandboxStage::loaded);
    events_.tell(&Observer::sandbox_loaded, {.sandbox = events_.number(), .handlers = handlers});
}

void LifeRecord::restored() noexcept { events_.tell(&Observer::sandbox_restored, {.sandbox = events_.number()}); }

void LifeRecord::unloaded() noexcept {
    count_step(std::exchange(stage_, SandboxStage::runtime), SandboxStage::runtime);
    events_.tell(&Observer::sandbox_unloaded, {.sandbox = events_.number()});
}

}  // namespace curfew::sandbox

namespace curfew {

SandboxCounts sandbox_counts() noexcept {
    sandbox::Counts& counts = sandbox::g_counts.get();
    const base::Lock lock(counts.mutex);
    return counts.now;
}

}  // namespace curfew
