#include "observe/spdlog/log_observer.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <exception>
#include <string>

#include "base/quantity_text.h"
#include "base/text.h"
#include "observe/spdlog/log_line.h"

namespace curfew::observe {

namespace {

namespace level = spdlog::level;

constexpr const char* kLoggerName = "curfew";
constinit std::atomic<bool> at_end{false};

level::level_enum level_of(PrintLevel printed) noexcept {
    switch (printed) {
        case PrintLevel::warn: return level::warn;
        case PrintLevel::error: return level::err;
        case PrintLevel::debug: return level::debug;
        case PrintLevel::print:
        case PrintLevel::log:
        case PrintLevel::info: break;
    }
    return level::info;
}

std::string names(std::span<const std::string> handlers) {
    std::string text = handlers.size() == 1 ? "handler " : "handlers ";
    for (const std::string& handler : handlers) {
        if (&handler != &handlers.front()) text += ", ";
        text += base::in_quotes(handler);
    }
    return text;
}

}  // namespace

void end_of_logging() noexcept { at_end.store(true, std::memory_order_relaxed); }

LogObserver::LogObserver(const std::shared_ptr<spdlog::logger>& logger)
    : logger_(logger ? std::optional(std::weak_ptr(logger)) : std::nullopt) {}

std::shared_ptr<spdlog::logger> LogObserver::logger() const {
    if (at_end.load(std::memory_order_relaxed)) return nullptr;
    return logger_ ? logger_->lock() : spdlog::get(kLoggerName);
}

template <typename Line>
void LogObserver::log(level::level_enum level, Line line) const noexcept {
    try {
        const std::shared_ptr<spdlog::logger> to = logger();
        if (to && (to->should_log(level) || to->should_backtrace())) to->log(level, spdlog::string_view_t(line()));
    } catch (const std::exception&) {
        // No memory for the entry.
    }
}

template <typename What>
void LogObserver::log_life(std::uint64_t sandbox, What what) const noexcept {
    log(level::debug, [&] { return to_log_line("Sandbox " + std::to_string(sandbox) + " " + what() + "."); });
}

void LogObserver::sandbox_made(const observed::SandboxMade& event) noexcept {
    if (event.stage == SandboxStage::proto) return;
    log_life(event.sandbox, [&] {
        const std::string engine =
            " on the engine " + std::string(name_of(event.engine)) + (event.jitless ? " without its compiler" : "");
        return event.stage == SandboxStage::runtime
                   ? "was started" + engine
                   : "was started" + engine + " from a snapshot with " + names(event.handlers);
    });
}

void LogObserver::sandbox_loaded(const observed::SandboxLoaded& event) noexcept {
    log_life(event.sandbox, [&] { return "was loaded with " + names(event.handlers); });
}

void LogObserver::sandbox_restored(const observed::SandboxRestored& event) noexcept {
    log_life(event.sandbox, [] { return std::string("was restored"); });
}

void LogObserver::sandbox_unloaded(const observed::SandboxUnloaded& event) noexcept {
    log_life(event.sandbox, [] { return std::string("was unloaded"); });
}

void LogObserver::sandbox_dropped(const observed::SandboxDropped& event) noexcept {
    if (event.stage == SandboxStage::proto) return;
    log_life(event.sandbox, [] { return std::string("was destroyed"); });
}

// Those that leave the sandbox fit for the next are nothing to tell, and those that were terminated are told already.
void LogObserver::invocation_ended(const observed::InvocationEnded& event) noexcept {
    if (event.error == nullptr) return;
    if (event.error->code != ErrorCode::guest_abort && event.error->code != ErrorCode::internal) return;
    log_life(event.sandbox, [&] { return "gave up an invocation: " + event.error->message; });
}

void LogObserver::printed(const observed::Printed& event) noexcept {
    if (event.taken) return;
    log(level_of(event.level), [&] {
        return to_log_line(
            (event.handler.empty() ? std::string("A script") : "Handler " + base::in_quotes(event.handler)) +
            " printed: " + std::string(event.text));
    });
}

void LogObserver::alarmed(const observed::Alarm& event) noexcept {
    log(level::warn, [&] {
        const std::string number = std::to_string(event.sandbox);
        return to_log_line("Somebody may run native code in the cell of sandbox " + number + ": " +
                           std::string(event.text) + ".") +
               field("alarm", to_string(event.kind)) + field("handler", event.handler) + field("sandbox", number);
    });
}

void LogObserver::engine_ready(const observed::EngineReady& event) noexcept {
    if (event.warning.empty() && !event.was_made) return;
    log(event.warning.empty() ? level::info : level::warn, [&] {
        const std::string engine =
            "Engine " + std::string(name_of(event.engine)) + (event.jitless ? ", without its compiler," : "");
        const std::string what = event.was_made
                                     ? engine + " was made ready in " + base::measured_duration_text(event.time)
                                     : engine + " is ready";
        return to_log_line(what + (event.warning.empty() ? "" : ": " + std::string(event.warning)) + ".") +
               field("engine", name_of(event.engine)) + field("image", event.image);
    });
}

void LogObserver::terminated(const monitor::Termination& event) noexcept {
    log(level::warn, [&] {
        return to_log_line(event.error.message) + field("monitor", event.monitor) + field("handler", event.handler) +
               field("limit", event.limit) + field("used", event.used);
    });
}

void LogObserver::warned(const monitor::Warning& event) noexcept {
    log(level::warn, [&] {
        return to_log_line(event.message) + field("monitor", event.monitor) + field("handler", event.handler) +
               field("limit", event.limit) + field("used", event.used);
    });
}

}  // namespace curfew::observe
