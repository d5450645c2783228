#include "sandbox/log.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <utility>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "sandbox/reporter.h"
#include "sandbox/utf8.h"

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

// The code point at the start of valid UTF-8, and its length.
std::pair<char32_t, std::size_t> first_character(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t character = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) character = character << 6 | (byte(i) & 0x3F);
    return {character, length};
}

bool must_escape(char32_t c) noexcept {
    return c < 0x20 || (c >= 0x7F && c < 0xA0)                            // control characters
           || c == 0x2028 || c == 0x2029                                  // line and paragraph separators
           || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E)  // direction of text
           || (c >= 0x2066 && c <= 0x2069) || c == 0x061C;
}

void append_escaped(std::string& line, char32_t character) {
    if (character == '\n') {
        line += "\\n";
    } else if (character == '\t') {
        line += "\\t";
    } else {
        constexpr std::string_view kDigits = "0123456789abcdef";
        line += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4) line += kDigits[character >> shift & 15];
    }
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
    // Cut before it is checked, so that a long text costs no more; the cut may split a character, which is dropped then.
    std::string_view kept = text.substr(0, kLongestLine);
    if (kept.size() < text.size()) {
        for (int i = 0; i < 3 && !kept.empty() && (static_cast<unsigned char>(text[kept.size()]) & 0xC0) == 0x80; ++i) {
            kept.remove_suffix(1);
        }
    }
    const std::string checked = to_valid_utf8(std::string(kept));
    std::string line;
    line.reserve(checked.size());
    for (std::string_view rest = checked; !rest.empty();) {
        const auto [character, length] = first_character(rest);
        if (must_escape(character)) {
            append_escaped(line, character);
        } else {
            line += rest.substr(0, length);
        }
        rest.remove_prefix(length);
    }
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
