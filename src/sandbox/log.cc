#include "sandbox/log.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <utility>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "base/text.h"
#include "base/utf8.h"
#include "sandbox/reporter.h"

namespace curfew::sandbox {

namespace {

constexpr const char* kLoggerName = "curfew";
constexpr std::size_t kLongestLine = 8 << 10;

struct ChosenLogger {
    base::ForkSafeMutex mutex;
    std::shared_ptr<spdlog::logger> logger GUARDED_BY(mutex);
};
constinit base::Immortal<ChosenLogger> g_chosen;  // what it holds is dropped by EndOfLogging
ChosenLogger& chosen() { return g_chosen.get(); }

constinit std::atomic<bool> at_end{false};

// Destroyed before spdlog's own statics are: from then on there is nothing to log to.
struct EndOfLogging {
    EndOfLogging() { spdlog::details::registry::instance(); }
    ~EndOfLogging() {
        at_end.store(true, std::memory_order_relaxed);
        std::shared_ptr<spdlog::logger> last;
        const base::Lock lock(chosen().mutex);
        last = std::exchange(chosen().logger, nullptr);
    }
};

void watch_for_the_end() { static const EndOfLogging end; }

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::off;
}

}  // namespace

std::shared_ptr<spdlog::logger> logger_for(LogLevel level) {
    watch_for_the_end();
    if (at_end.load(std::memory_order_relaxed)) return nullptr;
    std::shared_ptr<spdlog::logger> logger;
    {
        const base::Lock lock(chosen().mutex);
        logger = chosen().logger;
    }
    if (!logger) logger = spdlog::get(kLoggerName);
    if (!logger || !(logger->should_log(to_spdlog(level)) || logger->should_backtrace())) return nullptr;
    return logger;
}

void write_line(spdlog::logger& logger, LogLevel level, std::string_view text) {
    const std::string line = to_log_line(text);
    logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string to_log_line(std::string_view text) {
    const std::string_view kept = base::utf8_start(text, kLongestLine);  // cut before the rest is even looked at
    std::string line = base::escaped(kept);
    if (kept.size() < text.size()) line += " ... (" + std::to_string(text.size() - kept.size()) + " more bytes)";
    return line;
}

}  // namespace curfew::sandbox

namespace curfew {

void set_logger(std::shared_ptr<spdlog::logger> logger) {
    sandbox::install_reporter();
    sandbox::watch_for_the_end();
    if (sandbox::at_end.load(std::memory_order_relaxed)) return;
    const base::Lock lock(sandbox::chosen().mutex);
    std::swap(sandbox::chosen().logger, logger);  // the old one goes when the lock is free
}

}  // namespace curfew
