// A host function whose C++ types are no longer visible.
#ifndef CURFEW_HOST_DETAIL_FUNCTION_H
#define CURFEW_HOST_DETAIL_FUNCTION_H

#include <curfew/language.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <curfew/export.h>
#include <curfew/host/call_context.h>
#include <curfew/host/dynamic.h>

namespace curfew::sandbox {
class HostFunctions;
}

namespace curfew::host::detail {

using Argument = HostArgument;  // as the guest sent it: its JSON was not checked in any way

// What came of a call.
struct Outcome {
    enum class Kind {
        json,           // `text` is the result; empty for undefined
        bytes,          // `text` is the result
        cbor,           // `text` is the result, as CBOR
        failed,         // `text` says why; for the guest as it is
        wrong_count,    // of arguments: `text` says how many it takes; the function was not called
        bad_arguments,  // `text` says what is wrong with which; the function was not called
        pending,        // the function was called, and its reply is the answer, now or later
    };
    Kind kind = Kind::json;
    std::string text = {};
};

class PendingReply;

// What a function answers with that does its own conversion. CBOR is checked.
CURFEW_EXPORT Outcome outcome_of(HostValue value);

// How a function is called.
enum class Manner {
    blocking,      // by call()
    asynchronous,  // by start()
    deferred,      // by start(), which only looks at the arguments: whoever runs the invocation gives the answer
};

class CURFEW_EXPORT Function {
  public:
    virtual ~Function() = default;

    virtual Manner manner() const noexcept { return Manner::blocking; }

    // Whether its arguments come as values (HostArgument::value), because one of its types is more than JSON.
    virtual bool asks_for_values() const noexcept { return false; }

    // Whether it wants those as they came: one argument, whose `data` is the array of all of them as CBOR, which was checked.
    virtual bool takes_cbor() const noexcept { return false; }

    // May throw what the function throws.
    virtual Outcome call(const CallContext& context, std::span<const Argument> arguments) const = 0;

    // Likewise. `reply` is answered by the function, or by being dropped, if this gives `pending`.
    virtual Outcome start(const CallContext& context, std::span<const Argument> arguments,
                          std::shared_ptr<PendingReply> reply) const;

    // Its types, such as "(int, string?) -> bytes". Functions with the same signature can take each other's place.
    virtual std::string signature() const = 0;
};

}  // namespace curfew::host::detail

#endif
