// Where system calls come that neither the kernel nor libc's place takes: from the cell's back end.
#include <asm/unistd.h>

#include "guest/node/events.h"
#include "guest/node/output_streams.h"
#include "guest/node/system_calls.h"

namespace curfew::guest {

namespace {

// As curfew_enter_system_call() has it on its stack.
struct TrappedCall {
    long number;
    long a, b, c, d, e, f;
};

}  // namespace

// Scripts write by libc's functions, which ours take the place of; libc itself writes what libraries have to say.
extern "C" __attribute__((used, visibility("hidden"))) long curfew_answer_system_call(const TrappedCall* call) {
    if (call->number != __NR_write || is_event_source(static_cast<int>(call->a))) {
        return system_call(call->number, call->a, call->b, call->c, call->d, call->e, call->f);
    }
    note_complaint(reinterpret_cast<const char*>(call->b), static_cast<size_t>(call->c));
    return call->c;
}

}  // namespace curfew::guest
