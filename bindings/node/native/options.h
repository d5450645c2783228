// What JavaScript says of sandboxes and calls, in C++: settings, tools and limits.
#ifndef CURFEW_NODE_OPTIONS_H
#define CURFEW_NODE_OPTIONS_H

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <curfew/limits.h>
#include <curfew/sandbox.h>

#include "napi.h"

namespace curfew::node {

// Whether anybody wants to hear what a sandbox prints; it may change at any time.
using PrintsWanted = std::shared_ptr<std::atomic<bool>>;

// Of an object with numbers of bytes (heap, stack, outputLimit, argumentLimit), milliseconds (wallLimit), the name of an engine, and
// what curfew.d.ts has of isolation (strict, isolation, jitless, spinning, cgroup), openCalls and folder.
SandboxBuilder builder_of(napi_env env, napi_value options, PrintsWanted prints);

struct Tool {
    std::string module;   // as scripts import it
    std::string name{};   // empty: only the module, with its front
    std::string front{};  // see HostModule::set_front
    enum class Kind {
        json,      // blocks, and takes JSON and bytes
        blocking,  // takes values as CBOR, as all that follow
        asynchronous,
        deferred,  // has no function: whoever runs the invocation answers
    } kind = Kind::json;
};

// Of an object whose `tools` are arrays of module, name and kind ("json", ...); or of module, null and front.
std::vector<Tool> tools_of(napi_env env, napi_value options);

Result<ProtoSandbox> host_of(const SandboxBuilder& builder, const std::vector<Tool>& tools);

// Of [name, value] each: a text, or a number of milliseconds, bytes, or whatever else the limit counts.
std::vector<AnyMonitor> limits_of(napi_env env, napi_value value);

// There is no sandbox in that state behind an object of JavaScript's.
Error wrong_state(const char* wanted);

// Adds limits(), a table of those that there are.
void export_options(napi_env env, napi_value exports);

}  // namespace curfew::node

#endif
