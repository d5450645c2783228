// A log that tests can read.
#ifndef CURFEW_OBSERVE_SPDLOG_TESTING_CAPTURED_LOG_H
#define CURFEW_OBSERVE_SPDLOG_TESTING_CAPTURED_LOG_H

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curfew::observe::testing {

class CapturedLog final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    struct Entry {
        spdlog::level::level_enum level;
        std::string text;
        friend bool operator==(const Entry&, const Entry&) = default;
    };

    // A logger that writes here, for entries from `level` on.
    static std::shared_ptr<spdlog::logger> logger(const std::shared_ptr<CapturedLog>& sink, const std::string& name,
                                                  spdlog::level::level_enum level = spdlog::level::trace) {
        auto made = std::make_shared<spdlog::logger>(name, sink);
        made->set_level(level);
        return made;
    }

    std::vector<Entry> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(entries_, {});
    }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        entries_.push_back({message.level, std::string(message.payload.data(), message.payload.size())});
    }
    void flush_() override {}

    std::vector<Entry> entries_;
};

}  // namespace curfew::observe::testing

#endif
