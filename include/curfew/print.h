// Who gets what a guest prints; see SandboxBuilder::with_print.
#ifndef CURFEW_PRINT_H
#define CURFEW_PRINT_H

#include <curfew/language.h>

#include <string_view>

#include <curfew/callback.h>
#include <curfew/print_level.h>

namespace curfew {

class CallContext;

// Called on the thread of with_host_thread(), once for each print or console call, with at most 64 KiB of UTF-8 at
// a time (a longer text comes in pieces). console's text ends with a line feed, print's is as the guest gave it. It is
// hostile text: it may hold control characters. Must not throw: an exception leaves handle_event, and a poisoned sandbox.
using PrintFunction = Callback<void(PrintLevel level, std::string_view text)>;

// The same, told of the call.
using ContextPrintFunction = Callback<void(const CallContext& call, PrintLevel level, std::string_view text)>;

}  // namespace curfew

#endif
