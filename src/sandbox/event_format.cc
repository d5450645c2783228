#include "sandbox/event_format.h"

#include <string>

#include "base/utf8.h"
#include "sandbox/failure.h"
#include "value/cbor_reader.h"

namespace curfew::sandbox {

namespace {

constexpr std::size_t kMostLevels = 200;  // that guests give, too

}  // namespace

std::expected<void, std::string> check_cbor(std::string_view cbor) {
    const auto checked = value::check_cbor(cbor, kMostLevels);
    if (checked) return {};
    return std::unexpected(checked.error().what + ", at offset " + std::to_string(checked.error().offset));
}

Result<void> check_event(std::string_view event, ValueFormat format) {
    if (format == ValueFormat::cbor) {
        auto checked = check_cbor(event);
        if (checked) return {};
        return fail(ErrorCode::invalid_argument, "the event is not CBOR that can be read: " + checked.error());
    }
    const std::size_t valid = base::valid_utf8_prefix(event);
    if (valid == event.size()) return {};
    return fail(ErrorCode::invalid_argument,
                "the event is not UTF-8 (at offset " + std::to_string(valid) + "); pass JSON as UTF-8");
}

const char* what_is_wrong_with(const Answer& answer, ValueFormat format) {
    if (format_flag(format) != (answer.flags & wire::kCbor)) return "of another format than the event";
    if (format == ValueFormat::cbor) return value::check_cbor(answer.payload, kMostLevels) ? nullptr : "not CBOR";
    return base::is_utf8(answer.payload) ? nullptr : "not UTF-8";
}

}  // namespace curfew::sandbox
