#include "sandbox/life_record.h"

#include <atomic>

#include "sandbox/log.h"

namespace curfew::sandbox {

namespace {

constinit std::atomic<std::uint64_t> last_number{0};

template <typename What>
void log_life(std::uint64_t number, What what) noexcept {
    log(LogLevel::debug, [&] { return "Sandbox " + std::to_string(number) + " " + what() + "."; });
}

std::string names(const std::vector<std::string>& handlers) {
    std::string text = handlers.size() == 1 ? "handler " : "handlers ";
    for (const std::string& handler : handlers) {
        if (&handler != &handlers.front()) text += ", ";
        text += '"' + handler + '"';
    }
    return text;
}

}  // namespace

LifeRecord::LifeRecord() noexcept : number_(last_number.fetch_add(1, std::memory_order_relaxed) + 1) {}

LifeRecord::~LifeRecord() {
    if (counted_.stage() != Stage::none) log_life(number_, [] { return std::string("was destroyed"); });
}

void LifeRecord::started() noexcept {
    counted_.enter(Stage::runtime);
    log_life(number_, [] { return std::string("was started"); });
}

void LifeRecord::started_from_snapshot(const std::vector<std::string>& handlers) noexcept {
    counted_.enter(Stage::loaded);
    log_life(number_, [&] { return "was started from a snapshot with " + names(handlers); });
}

void LifeRecord::loaded(const std::vector<std::string>& handlers) noexcept {
    counted_.enter(Stage::loaded);
    count_load();
    log_life(number_, [&] { return "was loaded with " + names(handlers); });
}

void LifeRecord::restored() noexcept {
    log_life(number_, [] { return std::string("was restored"); });
}

void LifeRecord::unloaded() noexcept {
    counted_.enter(Stage::runtime);
    count_unload();
    log_life(number_, [] { return std::string("was unloaded"); });
}

void LifeRecord::failed(const Error& error) noexcept {
    if (error.code != ErrorCode::guest_abort && error.code != ErrorCode::internal) return;
    log_life(number_, [&] { return "gave up an invocation: " + error.message; });
}

}  // namespace curfew::sandbox
