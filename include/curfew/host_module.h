// Host functions: what a guest may call of its host. They are grouped in modules, which scripts import by name.
//
//   proto.host_module("math").add("add", [](int a, int b) { return a + b; });
//
//   import * as math from "math";          // or from "host:math", or require("math")
//   math.add(1, 2);
//
// A module that is registered as "host:math" can be imported by that name only, and hides no other module called "math".
//
// A function takes and returns:
//
//   bool, integers, floating point   checked: no text for a number, no 1.5 for an int, nothing out of range
//   std::string, std::string_view    a view lasts as long as the call
//   std::span<const std::byte>,      bytes: a typed array, DataView or ArrayBuffer of the guest. A span lasts as long as
//   std::vector<std::byte>           the call. As a result: a Uint8Array. They pass as they are, not as text
//   std::optional<T>                 nothing for an argument that is missing, undefined or null; null as a result
//   std::vector<T>,                  of the types here, checked in the same way
//   std::map<std::string, T>
//   Result<T>                        as a result: its error becomes an exception in the guest
//   void                             as a result: undefined
//   const CallContext&               as first parameter; the guest does not see it
//
// With <curfew/json.h>, also nlohmann::json and whatever else nlohmann-json can convert, such as own types.
//
// Numbers of JavaScript are doubles: a 64-bit integer beyond 2^53 loses its last digits on its way to the guest. NaN and
// infinities become null, as everywhere in JSON.
//
// The guest gets an Error with the message of what a function throws or returns as an error. Where it passes the wrong
// number or type of arguments, the function is not called, and the message names the argument: "math.add: argument 2
// should be an integer, but is a string".
//
// Functions run on a thread that the library keeps for them (or on the caller's: SandboxBuilder::with_host_thread), one at a
// time for each sandbox. If several sandboxes are made from one ProtoSandbox or one snapshot, the same function objects are
// called at once. A function must not use the sandbox that called it: that fails with `invalid_argument`. When the invocation is
// being ended, functions are not interrupted, but asked to stop through CallContext, and not waited for: what they refer to
// has to live until they have returned.
#ifndef CURFEW_HOST_MODULE_H
#define CURFEW_HOST_MODULE_H

#include <curfew/language.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <curfew/export.h>
#include <curfew/host/call_context.h>
#include <curfew/host/description.h>
#include <curfew/host/detail/typed_function.h>
#include <curfew/host/dynamic.h>

namespace curfew {

namespace host::detail {
template <typename F>
struct AsyncFunctionOf;  // of <curfew/reply.h>
template <typename F>
class DynamicAsyncFunction;
template <typename F>
class CborAsyncFunction;
template <typename Signature>
class DeferredFunction;
}  // namespace host::detail

namespace sandbox {
struct HostDescriptions;
}

class ProtoSandbox;

// Made by ProtoSandbox::host_module(), and valid as long as that ProtoSandbox: until it is destroyed or consumed by
// load_runtime(). Moving the ProtoSandbox does no harm. Used by one thread at a time, like the ProtoSandbox itself.
class CURFEW_EXPORT HostModule {
  public:
    static constexpr std::size_t kMaxNameLength = 255;

    // Adds a function: a function pointer, lambda, std::function or other object whose call operator is not overloaded.
    // A second one of the same name takes the place of the first. Sandboxes that were made before do not change.
    // A name is any UTF-8 without NUL, up to 255 bytes. Throws std::invalid_argument for any other name, and for a
    // function that is empty.
    template <typename F>
    HostModule& add(std::string name, F function) {
        if (host::detail::is_empty(function)) refuse_empty(name);
        return add_function(std::move(name), std::make_shared<host::detail::TypedFunction<F>>(std::move(function)));
    }

    // Adds a function that does its own conversion: Result<std::string>(std::string_view arguments_json), if wanted with
    // a CallContext before it. It gets the array of all arguments, as valid JSON nested no deeper than 200 levels, and
    // returns JSON, or nothing at all for undefined. Bytes cannot be passed to it. Throws as add() does.
    template <typename F>
    HostModule& add_raw(std::string name, F function) {
        if (host::detail::is_empty(function)) refuse_empty(name);
        return add_function(std::move(name), std::make_shared<host::detail::RawFunction<F>>(std::move(function)));
    }

    // Adds a function whose arguments are known at run time only, for who passes calls on, to another language for example:
    // Result<HostValue>(const CallContext&, std::span<const HostArgument>). It gets any number of arguments, each of
    // them either valid JSON, nested no deeper than 200 levels, or bytes, as the guest has passed them. Throws as add() does.
    template <typename F>
    HostModule& add_dynamic(std::string name, F function) {
        if (host::detail::is_empty(function)) refuse_empty(name);
        return add_function(std::move(name), std::make_shared<host::detail::DynamicFunction<F>>(std::move(function)));
    }

    // Adds a function whose result may come later: void(Args..., Reply<R>), if wanted with a CallContext first. Its caller in
    // the guest gets a promise at once, and goes on. Needs <curfew/reply.h>, which says how to answer; or <curfew/async.h>, with
    // which it may be a coroutine: Async<R>(Args...). Throws as add() does.
    //
    //   module.add_async("fetch", [&pool](std::string url, Reply<std::string> reply) {
    //       pool.run([url, reply = std::move(reply)]() mutable { reply.send(get(url)); });
    //   });
    template <typename F>
    HostModule& add_async(std::string name, F function) {
        if (host::detail::is_empty(function)) refuse_empty(name);
        using Function = typename host::detail::AsyncFunctionOf<F>::Type;
        return add_function(std::move(name), std::make_shared<Function>(std::move(function)));
    }

    // Adds a function without a body: add_deferred<R(Args...)>("approve"). The guest gets a promise; its call stays open until
    // whoever runs the invocation answers it. Arguments that do not fit are refused as everywhere. Needs <curfew/reply.h>.
    template <typename Signature>
    HostModule& add_deferred(std::string name) {
        return add_function(std::move(name), std::make_shared<host::detail::DeferredFunction<Signature>>());
    }

    // As add_async() and add_dynamic() together: void(const CallContext&, std::span<const HostArgument>, Reply<HostValue>).
    template <typename F>
    HostModule& add_dynamic_async(std::string name, F function) {
        if (host::detail::is_empty(function)) refuse_empty(name);
        return add_function(std::move(name),
                            std::make_shared<host::detail::DynamicAsyncFunction<F>>(std::move(function)));
    }

    // Adds a function that does its own conversion beyond JSON: Result<HostValue>(const CallContext&, std::string_view cbor). It
    // gets the array of all arguments as CBOR (docs/values.md), one whole item, nested no deeper than 200 levels; parts may be
    // shared, so that little CBOR can be a large value. Throws as add() does.
    template <typename F>
    HostModule& add_cbor(std::string name, F function) {
        if (host::detail::is_empty(function)) refuse_empty(name);
        return add_function(std::move(name), std::make_shared<host::detail::CborFunction<F>>(std::move(function)));
    }

    // As add_async() and add_cbor() together: void(const CallContext&, std::string_view cbor, Reply<HostValue>).
    template <typename F>
    HostModule& add_cbor_async(std::string name, F function) {
        if (host::detail::is_empty(function)) refuse_empty(name);
        return add_function(std::move(name), std::make_shared<host::detail::CborAsyncFunction<F>>(std::move(function)));
    }

    // A deferred function of any arguments and any result.
    HostModule& add_deferred(std::string name);

    // Puts an ES module of yours in front of this one: whoever imports this module gets that, which imports the functions
    // themselves by the module's own name. For what is better done in JavaScript, such as other forms of arguments. Part of the
    // guest, and so as untrusted as the rest of it: the functions can be called without it. A second one takes the first one's
    // place, an empty one takes it away. Throws std::invalid_argument for what is not UTF-8.
    HostModule& set_front(std::string source);

    // What ProtoSandbox::describe() says of a function, beside its types; the latest holds. The function may be added later.
    // Throws std::invalid_argument for a schema that is no JSON object.
    HostModule& describe(std::string function, HostDescription description);

    // As it was asked for: with `host:` if the module answers to that only.
    const std::string& name() const noexcept { return name_; }

    HostModule(std::string name, std::shared_ptr<const sandbox::HostFunctions>& functions);  // for ProtoSandbox
    HostModule(const HostModule&) = delete;
    HostModule& operator=(const HostModule&) = delete;

  private:
    friend class ProtoSandbox;
    HostModule& add_function(std::string name, std::shared_ptr<const host::detail::Function> function);
    [[noreturn]] void refuse_empty(const std::string& name) const;

    std::string name_;
    std::shared_ptr<const sandbox::HostFunctions>& functions_;
    std::shared_ptr<sandbox::HostDescriptions> descriptions_;  // none: nothing was said
};

}  // namespace curfew

#endif
