// Callback: a function that Curfew keeps and calls later, such as a PrintFunction. It is what a std::function is, in a header
// that costs a compiler a tenth of <functional>.
#ifndef CURFEW_CALLBACK_H
#define CURFEW_CALLBACK_H

#include <curfew/language.h>

#include <concepts>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <curfew/monitor/detail/function_ref.h>

namespace curfew {

template <typename Signature>
class Callback;

// Made of what a std::function is made of: a lambda, a function, a std::function or another object that can be called and
// copied. Of what cannot be copied, keep it in a std::shared_ptr and give a lambda that has the pointer.
//
// A copy owns a copy of the callable. One that was moved from is empty. Calling is as thread-safe as the callable is.
template <typename R, typename... Args>
class Callback<R(Args...)> {
  public:
    Callback() noexcept = default;
    Callback(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor): as std::function

    // An empty callable (a null function pointer, an empty std::function) makes an empty callback.
    template <typename F>
        requires(!std::same_as<std::remove_cvref_t<F>, Callback> && std::copy_constructible<std::decay_t<F>> &&
                 std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
    Callback(F&& callable) {  // NOLINT(google-explicit-constructor): as std::function
        using Callable = std::decay_t<F>;
        if constexpr (!std::is_function_v<std::remove_reference_t<F>>) {
            if (base::is_null_callable<Callable>(callable)) return;
        }
        target_ = std::make_unique<TargetOf<Callable>>(std::forward<F>(callable));
    }

    Callback(const Callback& other) : target_(other.target_ ? other.target_->copy() : nullptr) {}
    Callback(Callback&&) noexcept = default;
    Callback& operator=(const Callback& other) {
        if (this != &other) *this = Callback(other);
        return *this;
    }
    Callback& operator=(Callback&&) noexcept = default;
    ~Callback() = default;

    explicit operator bool() const noexcept { return target_ != nullptr; }
    friend bool operator==(const Callback& callback, std::nullptr_t) noexcept { return !callback; }

    // Throws std::logic_error if it is empty, and what the callable throws.
    R operator()(Args... args) const {
        if (!target_) throw std::logic_error("a curfew::Callback was called that is empty");
        return target_->call(std::forward<Args>(args)...);
    }

  private:
    struct Target {
        virtual ~Target() = default;
        virtual R call(Args... args) = 0;
        virtual std::unique_ptr<Target> copy() const = 0;
    };
    template <typename F>
    struct TargetOf final : Target {
        template <typename From>
        explicit TargetOf(From&& from) : callable(std::forward<From>(from)) {}  // NOLINT(bugprone-forwarding-*)
        R call(Args... args) override { return base::invoke_as<R>(callable, std::forward<Args>(args)...); }
        std::unique_ptr<Target> copy() const override { return std::make_unique<TargetOf>(callable); }
        F callable;
    };

    std::unique_ptr<Target> target_;
};

}  // namespace curfew

#endif
