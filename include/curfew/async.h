// Async: what an asynchronous host function returns that is a coroutine.
//
//   module.add_async("title", [&http](std::string url) -> curfew::Async<std::string> {
//       const std::string page = co_await http.get(url);
//       co_return title_of(page);
//   });
//
// It begins on the thread that host functions run on, and goes on wherever what it awaits resumes it. What it returns is
// the answer (see <curfew/reply.h>); an exception is an error for the guest. A coroutine that is destroyed before its end has
// dropped its call.
//
// It runs when its arguments are long gone: it takes them by value, and a CallContext too, whose stop_token() says that nobody
// waits for the answer any more. The function object with its captures stays as long as the coroutine.
//
// Not part of <curfew/curfew.h>.
#ifndef CURFEW_ASYNC_H
#define CURFEW_ASYNC_H

#include <curfew/language.h>

#include <concepts>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <curfew/reply.h>

namespace curfew {

template <typename R>
class Async;

namespace host::detail {

// What a coroutine answers with: its frame's promise has it.
template <typename R>
class AsyncPromiseBase {
  public:
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }

    void unhandled_exception() {
        try {
            throw;
        } catch (const std::exception& thrown) {
            reply_->fail(thrown.what());
        } catch (...) {
            reply_->fail("the host function threw something that has no message");
        }
    }

    void answer_to(std::shared_ptr<PendingReply> pending) {
        pending_ = pending;
        reply_.emplace(std::move(pending));
    }

  protected:
    // Also keeps the function object that the coroutine is of: it goes last.
    std::shared_ptr<PendingReply> pending_;
    std::optional<Reply<R>> reply_;
};

template <typename R>
class AsyncPromise : public AsyncPromiseBase<R> {
  public:
    Async<R> get_return_object() noexcept;
    template <typename V = R>
        requires(std::convertible_to<V, R> && !std::same_as<std::remove_cvref_t<V>, Result<R>>)
    void return_value(V&& value) {
        this->reply_->send(std::forward<V>(value));
    }
    void return_value(const Result<R>& result) { this->reply_->send(result); }
};
template <>
class AsyncPromise<void> : public AsyncPromiseBase<void> {
  public:
    Async<void> get_return_object() noexcept;
    void return_void() { reply_->send(); }
};

}  // namespace host::detail

// A coroutine that has not begun. Whoever adds the function need not know more of it.
template <typename R>
class [[nodiscard]] Async {
  public:
    using Value = R;
    using promise_type = host::detail::AsyncPromise<R>;

    Async(Async&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Async& operator=(Async&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~Async() {
        if (frame_) frame_.destroy();
    }

    // For the sandbox: begins. It answers to this, and destroys itself at its end.
    void start(std::shared_ptr<host::detail::PendingReply> pending) && {
        const auto frame = std::exchange(frame_, nullptr);
        frame.promise().answer_to(std::move(pending));
        frame.resume();
    }

  private:
    friend promise_type;
    explicit Async(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    std::coroutine_handle<promise_type> frame_;
};

namespace host::detail {

template <typename R>
Async<R> AsyncPromise<R>::get_return_object() noexcept {
    return Async<R>(std::coroutine_handle<AsyncPromise<R>>::from_promise(*this));
}
inline Async<void> AsyncPromise<void>::get_return_object() noexcept {
    return Async<void>(std::coroutine_handle<AsyncPromise<void>>::from_promise(*this));
}

template <typename T>
inline constexpr bool is_async = false;
template <typename R>
inline constexpr bool is_async<Async<R>> = true;

template <typename P>
inline constexpr bool outlives_a_call =
    !std::is_reference_v<P> && !std::same_as<P, std::string_view> && !std::same_as<P, std::span<const std::byte>>;
template <typename R, typename... P>
constexpr bool all_outlive_a_call(Signature<R, P...>) {
    return (outlives_a_call<P> && ...);
}

// How a function is called that is a coroutine.
struct AsCoroutine {
    static void begin(const auto& invoke, std::shared_ptr<PendingReply> pending) { invoke().start(std::move(pending)); }
};

template <typename F>
class CoroutineFunction final
    : public PromisingFunction<F, typename WithoutContext<typename SignatureOf<F>::Type>::Parameters,
                               typename SignatureOf<F>::Type::Returned::Value, AsCoroutine> {
    static_assert(
        all_outlive_a_call(typename SignatureOf<F>::Type()),
        "a host function that is a coroutine takes its arguments and a CallContext by value, and text and bytes as "
        "std::string and std::vector<std::byte>: it runs when they are gone");

  public:
    using CoroutineFunction::PromisingFunction::PromisingFunction;
};

template <typename F>
    requires is_async<typename SignatureOf<F>::Type::Returned>
struct AsyncFunctionOf<F> {
    using Type = CoroutineFunction<F>;
};

}  // namespace host::detail

}  // namespace curfew

#endif
