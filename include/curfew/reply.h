// Reply: what an asynchronous host function answers with. The guest has got a promise, and goes on meanwhile; other calls
// can be open beside this one.
//
//   module.add_async("sleep", [&timers](int milliseconds, curfew::Reply<void> reply) {
//       timers.after(milliseconds, [reply = std::move(reply)]() mutable { reply.send(); });
//   });
//
//   await Promise.all([tools.sleep(100), tools.sleep(100)]);  // takes 100 ms
//
// Whoever has a Reply answers it once, from any thread: with a value, with an error, or by dropping it, which is an error
// too. The guest's promise settles when its code has come to wait for something.
//
// Calls belong to their invocation. When that ends, for any reason, the calls that are still open are over: stop_token() is
// told, and what is answered later is dropped. A Reply may outlive its sandbox.
#ifndef CURFEW_REPLY_H
#define CURFEW_REPLY_H

#include <curfew/language.h>

#include <concepts>
#include <memory>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include <curfew/error.h>
#include <curfew/host/detail/pending_reply.h>
#include <curfew/host/detail/typed_function.h>
#include <curfew/host/dynamic.h>

namespace curfew {

// R is what a host function may return (see <curfew/host_module.h>), or void. Moved, not copied; used by one thread at a time.
template <typename R>
class [[nodiscard]] Reply {
  public:
    using Value = R;

    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&& other) noexcept {
        if (this != &other) {
            drop();
            pending_ = std::move(other.pending_);
        }
        return *this;
    }
    ~Reply() { drop(); }

    // Answers with a value. False if nobody waits for it any more. Throws std::logic_error if this was answered before, or
    // moved from. A value that cannot be passed is an error for the guest.
    template <typename V = R>
        requires(!std::is_void_v<R> && std::convertible_to<V, R> && !std::same_as<std::remove_cvref_t<V>, Result<R>>)
    bool send(V&& value) {
        return take()->answer(host::detail::guarded([&] {
            if constexpr (std::same_as<std::remove_cvref_t<V>, R>) {
                return outcome_of(value);
            } else {
                return outcome_of(static_cast<R>(std::forward<V>(value)));
            }
        }));
    }
    bool send()
        requires std::is_void_v<R>
    {
        return take()->answer({});
    }

    // Answers with what a Result holds.
    bool send(const Result<R>& result) {
        return take()->answer(host::detail::guarded([&] {
            if (!result) return host::detail::failed(result.error().message);
            if constexpr (std::is_void_v<R>) {
                return host::detail::Outcome();
            } else {
                return outcome_of(*result);
            }
        }));
    }

    // Answers with an error: the promise is rejected with an Error of this message. As send() otherwise.
    bool fail(std::string message) { return take()->answer(host::detail::failed(std::move(message))); }

    // Told when the invocation is over, and nobody waits for the answer any more. Callbacks run on a thread of the library,
    // and hold nobody up. After the answer, and in a Reply that was moved from, a token that is never told.
    [[nodiscard]] std::stop_token stop_token() const { return pending_ ? pending_->stop_token() : std::stop_token(); }

    // Whether that is so.
    [[nodiscard]] bool over() const noexcept { return !pending_ || pending_->over(); }

    // For the sandbox.
    explicit Reply(std::shared_ptr<host::detail::PendingReply> pending) noexcept : pending_(std::move(pending)) {}

  private:
    static host::detail::Outcome outcome_of(const auto& value) {
        if constexpr (std::same_as<R, HostValue>) {
            return host::detail::outcome_of(value);
        } else {
            return host::detail::to_outcome(value);
        }
    }
    std::shared_ptr<host::detail::PendingReply> take() {
        if (!pending_) throw std::logic_error("a curfew::Reply was answered that was answered before, or moved from");
        return std::exchange(pending_, nullptr);
    }
    void drop() noexcept {
        if (const auto pending = std::exchange(pending_, nullptr)) pending->answer(host::detail::dropped());
    }

    std::shared_ptr<host::detail::PendingReply> pending_;
};

namespace host::detail {

// Of a function that takes a Reply as its last parameter: what stands before it, and what it answers with.
template <typename... P>
struct ReplySignature;
template <typename T>
struct ReplySignature<Reply<T>> {
    using Value = T;
    using Parameters = TypeList<>;
};
template <typename First, typename... Rest>
struct ReplySignature<First, Rest...> {
    using Value = typename ReplySignature<Rest...>::Value;
    template <typename... P>
    static TypeList<First, P...> with_first(TypeList<P...>);
    using Parameters = decltype(with_first(typename ReplySignature<Rest...>::Parameters()));
};
template <typename Last>
    requires(!requires { typename Last::Value; })
struct ReplySignature<Last> {
    static_assert(std::is_void_v<Last>,
                  "an asynchronous host function takes a curfew::Reply<R> by value as its last parameter");
};

template <typename... P>
ReplySignature<P...> reply_signature(TypeList<P...>);

// A function of these parameters whose guest gets a promise of a Value. `Begin::begin(invoke, pending)` calls it, by
// invoke(what it takes after them...).
template <typename F, typename Parameters, typename Value, typename Begin>
class PromisingFunction : public Function {
  public:
    explicit PromisingFunction(F function) : function_(std::move(function)) {}

    Manner manner() const noexcept override { return Manner::asynchronous; }
    bool asks_for_values() const noexcept override {
        return hold_values(Parameters()) || kHoldsValues<std::remove_cvref_t<Value>>;
    }
    Outcome call(const CallContext&, std::span<const Argument>) const override { return asynchronous_only(); }

    Outcome start([[maybe_unused]] const CallContext& context, std::span<const Argument> arguments,
                  std::shared_ptr<PendingReply> pending) const override {
        return call_with(arguments, Parameters(), [&](auto&&... values) {
            const auto invoke = [&](auto&&... further) {
                if constexpr (takes_context(typename SignatureOf<F>::Type())) {
                    return function_(context, static_cast<decltype(values)&&>(values)...,
                                     static_cast<decltype(further)&&>(further)...);
                } else {
                    return function_(static_cast<decltype(values)&&>(values)...,
                                     static_cast<decltype(further)&&>(further)...);
                }
            };
            Begin::begin(invoke, std::move(pending));
            return Outcome{Outcome::Kind::pending};
        });
    }

    std::string signature() const override {
        return names_of(Parameters()) + " -> promise of " + result_name<std::remove_cvref_t<Value>>();
    }

  private:
    mutable F function_;
};

// How a function is called that takes a Reply.
template <typename Value>
struct WithReply {
    static void begin(const auto& invoke, std::shared_ptr<PendingReply> pending) {
        invoke(Reply<Value>(std::move(pending)));
    }
};

template <typename F>
using ReplySplit = decltype(reply_signature(typename WithoutContext<typename SignatureOf<F>::Type>::Parameters()));

template <typename F>
class AsyncFunction final
    : public PromisingFunction<F, typename ReplySplit<F>::Parameters, typename ReplySplit<F>::Value,
                               WithReply<typename ReplySplit<F>::Value>> {
    static_assert(std::is_void_v<typename SignatureOf<F>::Type::Returned>,
                  "an asynchronous host function returns nothing: its answer goes through the Reply");

  public:
    using AsyncFunction::PromisingFunction::PromisingFunction;
};

template <typename F>
struct AsyncFunctionOf {
    using Type = AsyncFunction<F>;
};

template <typename F>
class DynamicAsyncFunction final : public Function {
    static_assert(std::is_invocable_v<F&, const CallContext&, std::span<const HostArgument>, Reply<HostValue>>,
                  "a dynamic asynchronous host function takes a CallContext, a std::span<const HostArgument> and a "
                  "Reply<HostValue>");

  public:
    explicit DynamicAsyncFunction(F function) : function_(std::move(function)) {}

    Manner manner() const noexcept override { return Manner::asynchronous; }
    Outcome call(const CallContext&, std::span<const Argument>) const override { return asynchronous_only(); }

    Outcome start(const CallContext& context, std::span<const Argument> arguments,
                  std::shared_ptr<PendingReply> pending) const override {
        if (Outcome outcome = check(arguments); outcome.kind != Outcome::Kind::json) return outcome;
        function_(context, arguments, Reply<HostValue>(std::move(pending)));
        return {Outcome::Kind::pending};
    }

    std::string signature() const override { return "(...) -> promise of any"; }

  private:
    mutable F function_;
};

template <typename F>
class CborAsyncFunction final : public Function {
    static_assert(std::is_invocable_v<F&, const CallContext&, std::string_view, Reply<HostValue>>,
                  "an asynchronous host function that takes CBOR takes a CallContext, a std::string_view and a "
                  "Reply<HostValue>");

  public:
    explicit CborAsyncFunction(F function) : function_(std::move(function)) {}

    Manner manner() const noexcept override { return Manner::asynchronous; }
    bool asks_for_values() const noexcept override { return true; }
    bool takes_cbor() const noexcept override { return true; }
    Outcome call(const CallContext&, std::span<const Argument>) const override { return asynchronous_only(); }

    Outcome start(const CallContext& context, std::span<const Argument> arguments,
                  std::shared_ptr<PendingReply> pending) const override {
        function_(context, arguments.front().data, Reply<HostValue>(std::move(pending)));
        return {Outcome::Kind::pending};
    }

    std::string signature() const override { return "(...values) -> promise of any"; }

  private:
    mutable F function_;
};

template <typename R, typename... P>
class DeferredFunction<R(P...)> final : public Function {
  public:
    Manner manner() const noexcept override { return Manner::deferred; }
    bool asks_for_values() const noexcept override {
        return hold_values(TypeList<P...>()) || result_holds_values<std::remove_cvref_t<R>>();
    }
    Outcome call(const CallContext&, std::span<const Argument>) const override { return asynchronous_only(); }

    Outcome start(const CallContext&, std::span<const Argument> arguments,
                  std::shared_ptr<PendingReply>) const override {
        return call_with(arguments, TypeList<P...>(), [](auto&&...) { return Outcome{Outcome::Kind::pending}; });
    }

    std::string signature() const override {
        return names_of(TypeList<P...>()) + " -> promise of " + result_name<std::remove_cvref_t<R>>();
    }
};

}  // namespace host::detail

}  // namespace curfew

#endif
