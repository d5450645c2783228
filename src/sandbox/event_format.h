// Events and results as JSON and as CBOR.
#ifndef CURFEW_SANDBOX_EVENT_FORMAT_H
#define CURFEW_SANDBOX_EVENT_FORMAT_H

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include <curfew/sandbox.h>

#include "sandbox/channel.h"
#include "wire/mailbox.h"

namespace curfew::sandbox {

constexpr std::uint32_t format_flag(ValueFormat format) noexcept {
    return format == ValueFormat::cbor ? wire::kCbor : 0;
}

// JSON is read by the guest, and has to be UTF-8 only; of CBOR everything is checked.
Result<void> check_event(std::string_view event, ValueFormat format);

// Whether it is one item of CBOR that a guest can make a value of; else what is wrong with it, and where.
std::expected<void, std::string> check_cbor(std::string_view cbor);

// Of a guest's `done`: null, or why this is no result in the format that was asked for.
const char* what_is_wrong_with(const Answer& answer, ValueFormat format);

}  // namespace curfew::sandbox

#endif
