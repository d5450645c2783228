#include "sandbox/snapshot/waiting_description.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include "sandbox/names.h"
#include "wire/mailbox.h"

namespace curfew::sandbox {

namespace {

constexpr std::uint64_t kNumber = 8;
// Some 73 years: sums of a few of them are no overflow.
constexpr auto kLongest = std::chrono::nanoseconds(std::numeric_limits<std::int64_t>::max() / 4);

void write_usage(ByteWriter& out, const Usage& usage) {
    for (const auto time : {usage.wall_time, usage.cpu_time, usage.host_cpu_time, usage.waiting_time}) {
        out.number(static_cast<std::uint64_t>(std::clamp(time, std::chrono::nanoseconds(0), kLongest).count()));
    }
    for (const std::uint64_t count :
         {usage.peak_heap, usage.host_calls, usage.bytes_in, usage.bytes_out, usage.bytes_printed}) {
        out.number(count);
    }
}

bool read_usage(ByteReader& in, Usage& usage) {
    bool possible = true;
    for (auto* const time : {&usage.wall_time, &usage.cpu_time, &usage.host_cpu_time, &usage.waiting_time}) {
        const std::uint64_t nanoseconds = in.number();
        possible = possible && nanoseconds <= static_cast<std::uint64_t>(kLongest.count());
        if (possible) *time = std::chrono::nanoseconds(nanoseconds);
    }
    for (auto* const count :
         {&usage.peak_heap, &usage.host_calls, &usage.bytes_in, &usage.bytes_out, &usage.bytes_printed}) {
        *count = in.number();
    }
    return possible && !in.failed() && usage.waiting_time <= usage.wall_time;
}

// What a wait of the guest can be.
bool read_microseconds(ByteReader& in, std::chrono::microseconds& time) {
    const std::uint64_t number = in.number();
    if (number > wire::kNoTimer) return false;
    time = std::chrono::microseconds(number);
    return !in.failed();
}

bool read_calls(ByteReader& in, std::vector<WaitingCall>& calls) {
    const std::uint64_t count = in.count(6 * kNumber);
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t number = in.number();
        const std::string_view module = in.text();
        const std::string_view function = in.text();
        const std::uint64_t arguments_count = in.number();
        const std::uint64_t flags = in.number();
        const std::string_view arguments = in.text();
        if (in.failed() || number <= last || number > std::numeric_limits<std::uint32_t>::max() || !is_name(module) ||
            !is_name(function) || arguments_count > std::numeric_limits<std::uint32_t>::max() ||
            flags > std::numeric_limits<std::uint16_t>::max()) {
            return false;
        }
        last = number;
        calls.push_back({.number = static_cast<std::uint32_t>(number),
                         .module = std::string(module),
                         .function = std::string(function),
                         .count = static_cast<std::uint32_t>(arguments_count),
                         .flags = static_cast<std::uint32_t>(flags),
                         .arguments = std::string(arguments)});
    }
    return true;
}

}  // namespace

void write_waiting(ByteWriter& out, const SavedState& state) {
    out.number(state.waiting ? 1 : 0);
    if (!state.waiting) return;
    const WaitingState& waiting = *state.waiting;
    out.text(waiting.handler);
    out.number(waiting.format == ValueFormat::cbor ? 1 : 0);
    write_usage(out, waiting.usage);
    out.number(static_cast<std::uint64_t>(waiting.waited.count()));
    out.number(waiting.due ? 1 : 0);
    out.number(static_cast<std::uint64_t>(waiting.due.value_or(std::chrono::microseconds(0)).count()));
    out.number(waiting.calls.size());
    for (const WaitingCall& call : waiting.calls) {
        out.number(call.number);
        out.text(call.module);
        out.text(call.function);
        out.number(call.count);
        out.number(call.flags);
        out.text(call.arguments);
    }
}

bool read_waiting(ByteReader& in, SavedState& state) {
    const std::uint64_t waits = in.number();
    if (in.failed() || waits > 1 || (waits == 1 && state.kind != SnapshotKind::loaded_sandbox)) return false;
    if (waits == 0) return true;
    WaitingState waiting{};
    waiting.handler = in.text();
    if (std::ranges::find(state.handlers, waiting.handler) == state.handlers.end()) return false;
    const std::uint64_t is_cbor = in.number();
    if (is_cbor > 1) return false;
    waiting.format = is_cbor == 1 ? ValueFormat::cbor : ValueFormat::json;
    if (!read_usage(in, waiting.usage) || !read_microseconds(in, waiting.waited)) return false;
    const std::uint64_t has_timer = in.number();
    std::chrono::microseconds due{};
    if (has_timer > 1 || !read_microseconds(in, due) || !read_calls(in, waiting.calls)) return false;
    if (has_timer == 1) waiting.due = due;
    state.waiting = std::make_shared<const WaitingState>(std::move(waiting));
    return true;
}

}  // namespace curfew::sandbox
