#include "guest/node/refused_calls.h"

#include "guest/platform/exchange.h"

namespace curfew::guest {

namespace {

// What does not fit is left out.
wire::RefusedCall noted[wire::kMostRefusedCalls];
size_t count;

}  // namespace

void note_refused_call(long number, long result) {
    if (mailbox().traces_calls == 0) return;
    const auto which = static_cast<uint32_t>(number);
    const auto error = static_cast<uint32_t>(-result);
    for (size_t i = 0; i < count; ++i) {
        if (noted[i].number != which || noted[i].error != error) continue;
        ++noted[i].count;
        return;
    }
    if (count < wire::kMostRefusedCalls) noted[count++] = {.number = which, .error = error, .count = 1};
}

void report_refused_calls() {
    if (count == 0) return;
    const Bytes all{reinterpret_cast<const char*>(noted), count * sizeof(noted[0])};
    if (stage({.kind = wire::MessageKind::refused_calls, .payload = all})) exchange();
    count = 0;
}

}  // namespace curfew::guest
