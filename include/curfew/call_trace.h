// System calls that a guest has asked for and did not get: to find out why a package does not work in a sandbox. Only Node.js asks
// for any. See SandboxBuilder::with_call_trace(), which costs nothing if it is not used, and next to nothing otherwise.
#ifndef CURFEW_CALL_TRACE_H
#define CURFEW_CALL_TRACE_H

#include <curfew/language.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <curfew/callback.h>

namespace curfew {

// Of one invocation: a call and the error that it was answered with. The guest says so itself, and native code in a cell can say
// anything: it is information, and nothing rests on it. What cells can do does not depend on it.
struct RefusedCall {
    std::uint32_t number;         // as the kernel numbers them, on this machine
    std::string_view name;        // "openat"; empty if this build knows of none with that number
    std::uint32_t error;          // an errno
    std::string_view error_name;  // "EPERM"; empty if there is none
    std::uint64_t count;          // how often
};

// Called on the thread that runs the invocation, before it ends, once for each call and error: at most kMostRefusedCalls times. The
// names outlive the call. Must not throw, as a PrintFunction.
using CallTrace = Callback<void(const RefusedCall& call)>;
inline constexpr std::size_t kMostRefusedCalls = 64;

}  // namespace curfew

#endif
