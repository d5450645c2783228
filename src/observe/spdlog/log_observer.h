// Writes what happens into a log.
#ifndef CURFEW_OBSERVE_SPDLOG_LOG_OBSERVER_H
#define CURFEW_OBSERVE_SPDLOG_LOG_OBSERVER_H

#include <spdlog/logger.h>

#include <memory>
#include <optional>

#include <curfew/observer.h>

namespace curfew::observe {

class LogObserver final : public Observer {
  public:
    // Does not keep the logger; null: that of the name "curfew", if there is one at the time.
    explicit LogObserver(const std::shared_ptr<spdlog::logger>& logger);

    void sandbox_made(const observed::SandboxMade& event) noexcept override;
    void sandbox_loaded(const observed::SandboxLoaded& event) noexcept override;
    void sandbox_restored(const observed::SandboxRestored& event) noexcept override;
    void sandbox_unloaded(const observed::SandboxUnloaded& event) noexcept override;
    void sandbox_dropped(const observed::SandboxDropped& event) noexcept override;
    void invocation_ended(const observed::InvocationEnded& event) noexcept override;
    void printed(const observed::Printed& event) noexcept override;
    void alarmed(const observed::Alarm& event) noexcept override;
    void engine_ready(const observed::EngineReady& event) noexcept override;
    void terminated(const monitor::Termination& event) noexcept override;
    void warned(const monitor::Warning& event) noexcept override;

  private:
    // Writes the line that `line` returns; it is called only if somebody wants it.
    template <typename Line>
    void log(spdlog::level::level_enum level, Line line) const noexcept;
    template <typename What>
    void log_life(std::uint64_t sandbox, What what) const noexcept;
    std::shared_ptr<spdlog::logger> logger() const;

    const std::optional<std::weak_ptr<spdlog::logger>> logger_;
};

// From now on, for good: spdlog's static objects are about to go, or have gone.
void end_of_logging() noexcept;

}  // namespace curfew::observe

#endif
