#include "guest/node/requests.h"

#include <string.h>

#include <string>

#include "guest/node/clock.h"
#include "guest/node/memory_account.h"
#include "guest/node/output_streams.h"
#include "guest/node/randomness.h"
#include "guest/node/refused_calls.h"
#include "guest/node/system.h"
#include "guest/platform/exchange.h"

namespace curfew::guest {

using wire::MessageKind;

namespace {

std::string_view view(Bytes bytes) { return {bytes.data, bytes.size}; }
Bytes bytes(const std::string& text) { return {text.data(), text.size()}; }

void stage_failure(uint32_t flags, const std::string& message, const std::string& stack) {
    if (!stage({.kind = MessageKind::failed, .flags = flags, .name = bytes(message), .payload = bytes(stack)})) {
        stage_empty(MessageKind::failed, flags);
    }
}

void stage_answer(const Answer& answer) {
    report_refused_calls();
    if (!answer.done) return stage_failure(answer.flags, answer.text, answer.stack);
    if (stage({.kind = MessageKind::done, .flags = answer.flags, .payload = bytes(answer.text)})) return;
    stage_failure(
        0,
        "the handler's result has " + std::to_string(answer.text.size()) + " bytes, which is more than the host takes",
        "");
}

void take_seed(Engine& engine) {
    if ((mailbox().message.flags & wire::kReseed) == 0) return;
    reseed();
    restart_clock();
    engine.reseed();
}

// The body's name is the handler's name, a zero byte, and the script's name for stack traces.
void load(Engine& engine) {
    const v8::HandleScope handles(engine.isolate());
    const uint32_t flags = mailbox().message.flags;
    Body body;
    if (!body.receive(/*keep=*/false, /*extra=*/0)) return;
    const std::string_view names = view(body.name());
    const size_t end = names.find('\0');
    const std::string_view handler = names.substr(0, end);
    const auto name = engine.string(handler);
    const auto script = engine.string(end == names.npos ? handler : names.substr(end + 1));
    const auto source = engine.string(view(body.payload()));
    body.drop();  // it is in memory once from here on
    engine.load(name, script, source, (flags & wire::kProgram) != 0);
    engine.collect_garbage_if_grown();
    stage_answer(engine.answer());
}

void call(Engine& engine) {
    const v8::HandleScope handles(engine.isolate());
    const uint32_t flags = mailbox().message.flags;
    Body body;
    if (!body.receive(/*keep=*/false, /*extra=*/0)) return;
    const auto name = engine.string(view(body.name()));
    const bool as_cbor = (flags & wire::kCbor) != 0;
    const auto event = as_cbor ? engine.characters(view(body.payload())) : engine.string(view(body.payload()));
    body.drop();
    engine.call(name, event, as_cbor);
    if ((flags & wire::kCollectGarbage) != 0) engine.collect_garbage_if_grown();
    stage_answer(engine.answer());
}

void evaluate(Engine& engine) {
    const v8::HandleScope handles(engine.isolate());
    const uint32_t flags = mailbox().message.flags;
    Body body;
    if (!body.receive(/*keep=*/false, /*extra=*/0)) return;
    const auto script = engine.string(view(body.name()));
    const auto program = engine.string(view(body.payload()));
    body.drop();
    engine.evaluate(script, program, (flags & wire::kCbor) != 0);
    if ((flags & wire::kCollectGarbage) != 0) engine.collect_garbage_if_grown();
    stage_answer(engine.answer());
}

void boot(Engine& engine) {
    accept_request();
    if (received_kind() != MessageKind::boot) abort_guest("the host's first message was not boot");
    const uint64_t heap_size = mailbox().heap_size;
    if (heap_size < wire::kMinHeapSize) {
        give_up("a heap of %lu bytes is too small: it takes %lu", heap_size, wire::kMinHeapSize);
    }
    restart_clock();
    reseed();
    engine.start_in_cell(heap_size, mailbox().stack_size);
    stage_empty(MessageKind::ready);
}

}  // namespace

void serve(Engine& engine) {
    boot(engine);
    for (;;) {
        exchange();
        accept_request();
        take_allocation_failure();
        forget_complaints();
        reset_memory_peak();
        take_seed(engine);
        switch (received_kind()) {
            case MessageKind::load: load(engine); break;
            case MessageKind::call: call(engine); break;
            case MessageKind::evaluate: evaluate(engine); break;
            default: abort_guest("the host sent a message that a waiting guest does not know");
        }
    }
}

}  // namespace curfew::guest
