#include "sandbox/channel.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>
#include <utility>

#include <curfew/file_system.h>
#include <curfew/host_module.h>

namespace curfew::sandbox {

namespace {

using wire::MessageKind;

// A copy of a structure that the guest may be writing at the same time, word by word.
template <typename T>
T copy_of(T& shared) noexcept {
    static_assert(sizeof(T) % sizeof(std::uint64_t) == 0 && alignof(T) == alignof(std::uint64_t));
    T copy;  // NOLINT(cppcoreguidelines-pro-type-member-init): written below, all of it
    for (std::size_t i = 0; i < sizeof(T) / sizeof(std::uint64_t); ++i) {
        const std::uint64_t word =
            std::atomic_ref(reinterpret_cast<std::uint64_t*>(&shared)[i]).load(std::memory_order_relaxed);
        std::memcpy(reinterpret_cast<char*>(&copy) + i * sizeof word, &word, sizeof word);
    }
    return copy;
}

bool waits_for_ever(const wire::Message& wait) noexcept {
    return (wait.flags & wire::kUntilReply) != 0 && wait.value == wire::kNoTimer;
}

}  // namespace

wire::Message Channel::empty_message(MessageKind kind) const noexcept {
    return {.kind = static_cast<std::uint16_t>(kind),
            .flags = 0,
            .request = number_,
            .value = 0,
            .chunk = 0,
            .name_length = 0,
            .length = 0};
}

ExchangeEnd Channel::complain(const char* what) {
    complaint_ = std::string("the guest broke the call protocol: ") + what;
    return ExchangeEnd::protocol;
}

// From here on the thread's CPU time is the guest's. It does not run while the thread waits, so that one scope can hold
// until the exchange is over, and host calls in it need not look at the clock; but for a cell that is waited for by
// spinning. An exchange of one question and one answer that fits into the window is too short to be worth two readings,
// which take a tenth of its time.
void Channel::charge() noexcept {
    if (!host_work_) host_work_.emplace(meter_);
}

// Lets the guest run until it says something, and hears it. Heap reports, which may come at any time, go no further.
ExchangeEnd Channel::resume() {
    for (;;) {
        if (services_.cancelled()) return ExchangeEnd::interrupted;
        // The lowest limit, or 0 for none. Who waits for more than nothing gets to know of more than one byte.
        const std::uint64_t limit = meter_.next_threshold(Counter::heap);
        cell_.mailbox().heap_limit = limit == UsageMeter::kNoThreshold ? 0 : std::max<std::uint64_t>(limit, 1);
        if (spins_) host_work_.reset();
        const cell::Stop stop = cell_.resume();
        note_heap(stop != cell::Stop::called_out);
        if (stop == cell::Stop::interrupted) return ExchangeEnd::interrupted;
        if (stop == cell::Stop::died) return ExchangeEnd::died;
        heard_ = copy_of(cell_.mailbox().message);
        if (heard_.request != number_) return complain("it went on with another request than the present one");
        if (heard_.kind != static_cast<std::uint32_t>(MessageKind::heap_report)) return ExchangeEnd::completed;
        charge();
        cell_.mailbox().message = empty_message(MessageKind::proceed);
    }
}

// Tells the meter what the guest says of its heap. `stopped`: it was cut short, and only the peak is up to date.
void Channel::note_heap(bool stopped) noexcept {
    const wire::HeapReport heap = copy_of(cell_.mailbox().heap);
    const std::uint64_t size = cell_.image()->sizes.heap;
    const std::uint64_t used = std::min(heap.used, size);
    const std::uint64_t peak = std::min(std::max(heap.peak, heap.used), size);
    // A peak that was told before is over, and must not reach a limit that a monitor has set itself since.
    if (peak > meter_.peak_heap()) meter_.set_heap(peak);
    if (!stopped) meter_.set_heap(used);
}

ExchangeEnd Channel::send(const Request& request) {
    wire::Mailbox& mailbox = cell_.mailbox();
    const std::uint64_t length = request.name.size() + request.payload.size();
    std::string_view name = request.name;
    std::string_view payload = request.payload;
    for (bool first = true; first || !name.empty() || !payload.empty(); first = false) {
        if (!first) {
            if (heard_.kind == static_cast<std::uint32_t>(MessageKind::refused))
                return ExchangeEnd::completed;  // exchange() sees it
            if (heard_.kind != static_cast<std::uint32_t>(MessageKind::more)) {
                return complain("it did not take the whole of a message");
            }
        }
        const std::uint64_t whole = std::min<std::uint64_t>(name.size() + payload.size(), wire::kWindowSize);
        auto* to = reinterpret_cast<char*>(cell_.window(whole).data());
        std::size_t chunk = 0;
        for (std::string_view* part : {&name, &payload}) {
            const std::size_t piece = std::min(part->size(), wire::kWindowSize - chunk);
            if (piece == 0) continue;  // an empty part may have no address
            std::memcpy(to + chunk, part->data(), piece);
            part->remove_prefix(piece);
            chunk += piece;
        }
        mailbox.message = {.kind = static_cast<std::uint16_t>(request.kind),
                           .flags = static_cast<std::uint16_t>(request.flags),
                           .request = number_,
                           .value = request.value,
                           .chunk = static_cast<std::uint32_t>(chunk),
                           .name_length = request.name.size(),
                           .length = length};
        meter_.add_bytes_in(chunk);
        if (const ExchangeEnd stop = resume(); stop != ExchangeEnd::completed) return stop;
    }
    return ExchangeEnd::completed;
}

// Appends the chunk in the window.
ExchangeEnd Channel::take_chunk(std::string& body, std::uint64_t length) {
    const std::uint64_t chunk = heard_.chunk;
    if (chunk > wire::kWindowSize || chunk > length - body.size()) return complain("a message has a wrong length");
    if (chunk == 0 && body.size() < length) return complain("a message does not go on");
    body.append(reinterpret_cast<const char*>(cell_.window(chunk).data()), chunk);
    return ExchangeEnd::completed;
}

// Counts what a guest puts out. What it only asks is bounded, and goes nowhere.
void Channel::count(MessageKind kind, std::uint64_t bytes) noexcept {
    switch (kind) {
        case MessageKind::print: meter_.add_bytes_printed(bytes); break;
        case MessageKind::host_call:
        case MessageKind::done:
        case MessageKind::failed:
        case MessageKind::abort: meter_.add_bytes_out(bytes); break;
        default: break;
    }
}

// Takes the whole of the message that was begun, unless what it is counted for ends the invocation.
ExchangeEnd Channel::receive(Answer& answer) {
    const wire::Message begun = heard_;
    const auto kind = static_cast<MessageKind>(begun.kind);
    // A function's name is none of its arguments.
    std::uint64_t counted = kind == MessageKind::host_call ? begun.name_length : 0;
    const auto take = [&](std::string& body) {
        if (const ExchangeEnd stop = take_chunk(body, begun.length); stop != ExchangeEnd::completed) return stop;
        if (body.size() > counted) {
            count(kind, body.size() - counted);
            counted = body.size();
        }
        if (services_.cancelled()) return ExchangeEnd::interrupted;
        // A text over the limit is not even received.
        return kind == MessageKind::print && !services_.may_print() ? ExchangeEnd::output : ExchangeEnd::completed;
    };
    // A guest cannot hold a longer body than its heap, but for a few words around it.
    if (begun.length > cell_.image()->sizes.heap + wire::kWindowSize) return complain("a message is too long");
    if (begun.name_length > begun.length) return complain("a name is longer than its message");
    std::string body;
    if (const ExchangeEnd stop = take(body); stop != ExchangeEnd::completed) return stop;
    while (body.size() < begun.length) {
        charge();
        cell_.mailbox().message = empty_message(MessageKind::more);
        if (const ExchangeEnd stop = resume(); stop != ExchangeEnd::completed) return stop;
        if (heard_.kind != begun.kind || heard_.length != begun.length) return complain("a message was broken off");
        if (const ExchangeEnd stop = take(body); stop != ExchangeEnd::completed) return stop;
    }
    answer.kind = kind;
    answer.flags = begun.flags;
    if (begun.name_length == 0) {
        answer.name.clear();
        answer.payload = std::move(body);
    } else {
        answer.name = body.substr(0, begun.name_length);
        answer.payload = body.substr(begun.name_length);
    }
    heard_ = begun;
    return ExchangeEnd::completed;
}

// The function's name comes first: it is all that is looked at of a call with too many arguments.
ExchangeEnd Channel::refuse_host_call(HostReply& reply) {
    if (heard_.chunk > wire::kWindowSize || heard_.chunk < heard_.name_length) {
        return complain("a message has a wrong length");
    }
    const std::string name(reinterpret_cast<const char*>(cell_.window(heard_.chunk).data()), heard_.name_length);
    const std::size_t end = name.find('\0');
    if (end == std::string::npos) return complain("a host call names no function");
    reply = services_.refuse_host_call(std::string_view(name).substr(0, end), std::string_view(name).substr(end + 1),
                                       heard_.length - heard_.name_length);
    return ExchangeEnd::completed;
}

// Does what the guest asks for, if it is one of the services and no longer than such a question can be: of what is longer
// nothing is received.
ExchangeEnd Channel::serve(HostReply& reply) {
    constexpr std::uint64_t kLongestFunctionName = 2 * HostModule::kMaxNameLength + 1;
    charge();
    const auto kind = static_cast<MessageKind>(heard_.kind);
    const std::uint32_t flags = heard_.flags;
    if (heard_.name_length > heard_.length) return complain("a name is longer than its message");
    switch (kind) {
        case MessageKind::print: break;  // up to the output limit
        case MessageKind::refused_calls:
            if (heard_.length > wire::kMostRefusedCalls * sizeof(wire::RefusedCall) || heard_.name_length != 0) {
                return complain("a list of calls is too long");
            }
            break;
        case MessageKind::wait:
            if (heard_.length != 0) return complain("a wait has a body");
            if (waits_for_ever(heard_) && !services_.can_reply()) return complain("it waits for what can never come");
            break;
        case MessageKind::host_call:
            if (heard_.name_length > kLongestFunctionName) return complain("a function's name is too long");
            if (heard_.length - heard_.name_length > services_.host_argument_limit()) return refuse_host_call(reply);
            break;
        case MessageKind::resolve:
            // A script can ask for a module by any text.
            if (heard_.length > wire::kWindowSize) {
                reply = {.kind = MessageKind::refused};
                return ExchangeEnd::completed;
            }
            break;
        case MessageKind::read_module:
            if (heard_.length > FileSystem::kLongestPath) return complain("a module's name is too long");
            break;
        default: return complain("it sent a message of an unknown kind");
    }
    const std::uint32_t value = heard_.value;
    Answer asked{};
    if (const ExchangeEnd stop = receive(asked); stop != ExchangeEnd::completed) return stop;
    switch (kind) {
        case MessageKind::print: {
            const std::uint32_t level = std::min(value, static_cast<std::uint32_t>(wire::PrintLevel::debug));
            reply = {};
            services_.print(static_cast<wire::PrintLevel>(level), std::move(asked.payload));
            return services_.may_print() ? ExchangeEnd::completed : ExchangeEnd::output;
        }
        case MessageKind::refused_calls:
            reply = {};
            services_.refused_calls(asked.payload);
            return ExchangeEnd::completed;
        case MessageKind::wait:
            if (auto ended = services_.wait(
                    waits_for_ever(heard_) ? std::nullopt
                                           : std::optional<std::chrono::microseconds>(std::chrono::microseconds(value)),
                    (flags & wire::kUntilReply) != 0)) {
                reply = std::move(*ended);
                return ExchangeEnd::completed;
            }
            return ExchangeEnd::waits;
        case MessageKind::host_call: {
            const std::string_view name = asked.name;
            const std::size_t end = name.find('\0');
            if (end == std::string_view::npos) return complain("a host call names no function");
            reply = services_.call_host_function({.module = name.substr(0, end),
                                                  .function = name.substr(end + 1),
                                                  .count = value,
                                                  .flags = flags,
                                                  .arguments = std::move(asked.payload)});
            return ExchangeEnd::completed;
        }
        case MessageKind::resolve:
            reply = services_.resolve_module(asked.name, asked.payload, flags);
            return ExchangeEnd::completed;
        case MessageKind::read_module: reply = services_.read_module(asked.name, flags); return ExchangeEnd::completed;
        default: return complain("it sent a message of an unknown kind");
    }
}

ExchangeEnd Channel::exchange(const Request& request, Answer& answer, bool new_request) {
    // Of the request before, which must not pass for one of a guest that is never entered.
    if (new_request) cell_.mailbox().heap.peak = 0;
    Request next = request;
    HostReply reply;
    for (bool own_request = new_request;; own_request = false) {
        // What the program gave may have forked, and have come back from there.
        if (forks_ != base::forks()) return ExchangeEnd::forked;
        if (const ExchangeEnd stop = send(next); stop != ExchangeEnd::completed) return stop;
        switch (static_cast<MessageKind>(heard_.kind)) {
            case MessageKind::refused:
                if (own_request) return ExchangeEnd::refused;
                charge();
                next = {.kind = MessageKind::proceed};
                continue;
            case MessageKind::ready:
            case MessageKind::done:
            case MessageKind::failed:
            case MessageKind::abort: return receive(answer);
            default:
                if (const ExchangeEnd stop = serve(reply); stop != ExchangeEnd::completed) return stop;
                next = {.kind = reply.kind,
                        .flags = reply.flags,
                        .value = reply.value,
                        .name = reply.name,
                        .payload = reply.payload};
        }
    }
}

}  // namespace curfew::sandbox
