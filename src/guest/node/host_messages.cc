#include "guest/node/host_messages.h"

#include <asm/unistd.h>

#include <utility>

#include "guest/node/clock.h"
#include "guest/node/system.h"
#include "guest/platform/exchange.h"
#include "guest/platform/output.h"

namespace curfew::guest {

using wire::MessageKind;

namespace {

Bytes bytes(std::string_view text) { return {text.data(), text.size()}; }
std::string copy(Bytes text) { return text.size == 0 ? std::string() : std::string(text.data, text.size); }

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

HostAnswer failure(std::string why) { return {.failed = true, .text = std::move(why)}; }

// Receives what the host has answered. `what` it is, for the message when there is no room for it.
HostAnswer take_answer(const std::string& what) {
    const wire::Message message = mailbox().message;
    Body body;
    if (!body.receive(/*keep=*/false, /*extra=*/0)) {
        exchange();  // tells the host so
        return failure("out of memory: the heap has no room for " + what);
    }
    const auto kind = static_cast<MessageKind>(message.kind);
    return {.failed = kind == MessageKind::host_error || (message.flags & wire::kFailedReply) != 0,
            .pending = kind == MessageKind::pending,
            .flags = message.flags,
            .value = message.value,
            .name = copy(body.name()),
            .text = copy(body.payload())};
}

HostAnswer before_the_freeze() { return failure("there is no host before the freeze"); }

HostAnswer call(uint32_t flags, std::string_view module, std::string_view function, uint32_t count,
                std::string_view arguments) {
    if (!in_cell()) return before_the_freeze();
    std::string name(module);
    name += '\0';
    name += function;
    const std::string target = quoted(function) + " of the host module " + quoted(module);
    const bool staged = stage({.kind = MessageKind::host_call,
                               .flags = flags,
                               .value = count,
                               .name = bytes(name),
                               .payload = bytes(arguments)});
    // More than the host takes: then it has answered the call already.
    if (!staged && received_kind() != MessageKind::host_error) {
        return failure("the host has no room for the arguments of " + target);
    }
    if (staged) exchange();
    return take_answer("what " + target + " returned");
}

int open_calls;  // that the host has not replied to
bool has_reply;
HostAnswer reply;  // if so

HostAnswer ask_for_module(const Outgoing& question, std::string_view about) {
    if (!in_cell()) return before_the_freeze();
    if (!stage(question)) return failure("the host has no room for the name of the module " + quoted(about));
    exchange();
    return take_answer("the module " + quoted(about));
}

}  // namespace

HostAnswer call_host(std::string_view module, std::string_view function, uint32_t count, std::string_view arguments) {
    return call(0, module, function, count, arguments);
}

HostAnswer call_host_async(std::string_view module, std::string_view function, uint32_t count,
                           std::string_view arguments) {
    HostAnswer answer = call(wire::kAsync, module, function, count, arguments);
    if (answer.pending) ++open_calls;
    return answer;
}

bool calls_are_open() { return open_calls > 0; }

bool reply_has_come() { return has_reply; }

HostAnswer take_reply() {
    has_reply = false;
    return std::exchange(reply, {});
}

void forget_open_calls() {
    open_calls = 0;
    has_reply = false;
    reply = {};
}

void wait_for_reply(uint64_t until) {
    for (;;) {
        const uint64_t now = monotonic_time();
        wait_for_host(wire::kUntilReply, until == kNoEnd ? wire::kNoTimer : microseconds_until(until, now));
        if (received_kind() == MessageKind::reply) {
            const uint32_t number = mailbox().message.value;
            reply = take_answer("what the host replied");
            reply.value = number;
            has_reply = true;
            --open_calls;
            return;
        }
        if (now >= until) return;
    }
}

HostAnswer resolve_module(std::string_view importer, std::string_view specifier, bool is_built_in, bool is_required) {
    return ask_for_module(
        {.kind = MessageKind::resolve,
         .flags = wire::kNodeRules | (is_built_in ? wire::kBuiltIn : 0) | (is_required ? wire::kRequired : 0),
         .name = bytes(importer),
         .payload = bytes(specifier)},
        specifier);
}

HostAnswer read_module(std::string_view name) {
    return ask_for_module({.kind = MessageKind::read_module, .flags = wire::kNodeRules, .name = bytes(name)}, name);
}

void print_text(wire::PrintLevel level, std::string_view text) {
    if (in_cell()) return print(level, bytes(text));
    const std::string line = std::string(text) + '\n';
    kernel_call(__NR_write, 2, word(line.data()), static_cast<long>(line.size()));
}

}  // namespace curfew::guest
