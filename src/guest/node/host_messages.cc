#include "guest/node/host_messages.h"

#include <asm/unistd.h>

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
    return {.failed = static_cast<MessageKind>(message.kind) == MessageKind::host_error,
            .flags = message.flags,
            .value = message.value,
            .name = copy(body.name()),
            .text = copy(body.payload())};
}

HostAnswer before_the_freeze() { return failure("there is no host before the freeze"); }

HostAnswer ask_for_module(const Outgoing& question, std::string_view about) {
    if (!in_cell()) return before_the_freeze();
    if (!stage(question)) return failure("the host has no room for the name of the module " + quoted(about));
    exchange();
    return take_answer("the module " + quoted(about));
}

}  // namespace

HostAnswer call_host(std::string_view module, std::string_view function, uint32_t count, std::string_view arguments) {
    if (!in_cell()) return before_the_freeze();
    std::string name(module);
    name += '\0';
    name += function;
    const std::string target = quoted(function) + " of the host module " + quoted(module);
    const bool staged =
        stage({.kind = MessageKind::host_call, .value = count, .name = bytes(name), .payload = bytes(arguments)});
    // More than the host takes: then it has answered the call already.
    if (!staged && received_kind() != MessageKind::host_error) {
        return failure("the host has no room for the arguments of " + target);
    }
    if (staged) exchange();
    return take_answer("what " + target + " returned");
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
