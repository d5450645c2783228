// The guest's program: starts the engine, then serves the host's requests, one after the other, for good.
#include "guest/platform/exchange.h"
#include "guest/platform/memory.h"
#include "guest/quickjs/engine_state.h"
#include "guest/quickjs/globals.h"
#include "guest/quickjs/handlers.h"
#include "guest/quickjs/inspector.h"
#include "guest/quickjs/jobs.h"
#include "guest/quickjs/library.h"
#include "guest/quickjs/modules.h"
#include "guest/quickjs/waits.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

using wire::MessageKind;

namespace {

JSContext* boot() {
    const size_t heap_size = mailbox().heap_size;
    if (heap_size < wire::kMinHeapSize) {
        Writer why;
        why << "a heap of " << static_cast<int64_t>(heap_size) << " bytes is too small: it takes "
            << static_cast<int64_t>(wire::kMinHeapSize) << '\0';
        abort_guest(why.text().data);
    }
    take_seed();
    init_memory(reinterpret_cast<void*>(wire::kHeapBase), heap_size);
    heap.attach({.peak = &mailbox().heap.peak, .limit = &mailbox().heap_limit, .passed = report_heap});
    JSContext* context = make_engine(mailbox().stack_size - wire::kPageSize);
    if (!context || !prepare_inspector(context) || !prepare_jobs(context) || !install_globals(context) ||
        !install_modules(context)) {
        abort_guest("the heap is too small for the JavaScript engine to start");
    }
    collect_garbage(context);
    return context;
}

[[noreturn]] void serve(JSContext* context, Handlers& handlers) {
    for (;;) {
        exchange();
        accept_request();
        begin_request();
        take_seed();
        renew_library(context);
        switch (received_kind()) {
            case MessageKind::load: handlers.load(); break;
            case MessageKind::call: handlers.call(); break;
            case MessageKind::evaluate: handlers.evaluate(); break;
            default: abort_guest("the host sent a message that a waiting guest does not know");
        }
    }
}

}  // namespace

}  // namespace curfew::guest

extern "C" [[noreturn]] void curfew_guest_main() {
    using namespace curfew::guest;
    accept_request();
    if (received_kind() != MessageKind::boot) abort_guest("the host's first message was not boot");
    JSContext* const context = boot();
    Handlers handlers(context);
    stage_empty(MessageKind::ready);
    serve(context, handlers);
}
