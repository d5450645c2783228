// A sandbox's life, as it is counted and told.
#ifndef CURFEW_SANDBOX_LIFE_RECORD_H
#define CURFEW_SANDBOX_LIFE_RECORD_H

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/image.h"
#include "sandbox/event_source.h"

namespace curfew::sandbox {

// A member of what lives as long as the sandbox's cell, or as a ProtoSandbox. Each function stands for a step that
// succeeded. A copy has no life of its own yet, as no copy of a configuration is a sandbox.
class LifeRecord {
  public:
    LifeRecord() noexcept = default;
    LifeRecord(const LifeRecord&) noexcept {}
    LifeRecord& operator=(const LifeRecord&) noexcept { return *this; }
    ~LifeRecord();

    // The first step; `own`: who is told of it and all others besides the process's observers.
    void made(SandboxStage stage, engine::ImageKind kind, std::shared_ptr<const ObserverList> own,
              std::span<const std::string> handlers = {}) noexcept;
    void loaded(std::span<const std::string> handlers) noexcept;
    void restored() noexcept;
    void unloaded() noexcept;

    EventSource& events() noexcept { return events_; }

  private:
    EventSource events_;
    std::optional<SandboxStage> stage_;
};

}  // namespace curfew::sandbox

#endif
