// A non-owning reference to a callable: what std::function_ref will be. It must not outlive the callable.
#ifndef CURFEW_MONITOR_DETAIL_FUNCTION_REF_H
#define CURFEW_MONITOR_DETAIL_FUNCTION_REF_H

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace curfew::monitor::detail {

// Whether a callable can be empty and is: a null pointer, or an object like an empty std::function.
template <typename F>
constexpr bool is_null_callable(const F& callable) noexcept {
    if constexpr (std::is_pointer_v<F> || std::is_member_pointer_v<F>) {
        return callable == nullptr;
    } else if constexpr (requires { callable.operator bool(); }) {
        return !callable.operator bool();
    } else {
        return false;
    }
}

// std::invoke_r, without <functional>: a compiler takes longer for that than for all that uses this.
template <typename R, typename F, typename... Args>
R invoke_as(F&& callable, Args&&... args) {
    if constexpr (std::is_void_v<R>) {
        static_cast<void>(std::apply(std::forward<F>(callable), std::forward_as_tuple(std::forward<Args>(args)...)));
    } else {
        return std::apply(std::forward<F>(callable), std::forward_as_tuple(std::forward<Args>(args)...));
    }
}

template <typename Signature>
class FunctionRef;

template <typename R, typename... Args>
class FunctionRef<R(Args...)> {
  public:
    constexpr FunctionRef() noexcept = default;

    // Refers to `callable`; an empty one (a null function pointer, an empty std::function) makes an empty
    // reference.
    template <typename F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, Args...>)
    FunctionRef(F&& callable) noexcept {  // NOLINT(google-explicit-constructor): a reference, like a pointer
        if (is_null_callable(callable)) return;
        if constexpr (std::is_function_v<std::remove_reference_t<F>>) {
            object_.function = reinterpret_cast<void (*)()>(std::addressof(callable));
            call_ = [](Object object, Args... args) -> R {
                return (*reinterpret_cast<std::remove_reference_t<F>*>(object.function))(std::forward<Args>(args)...);
            };
        } else {
            object_.data = const_cast<void*>(static_cast<const void*>(std::addressof(callable)));
            call_ = [](Object object, Args... args) -> R {
                return invoke_as<R>(*static_cast<std::remove_reference_t<F>*>(object.data),
                                    std::forward<Args>(args)...);
            };
        }
    }

    explicit operator bool() const noexcept { return call_ != nullptr; }
    R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

  private:
    union Object {
        void* data;
        void (*function)();
    };
    Object object_{.data = nullptr};
    R (*call_)(Object, Args...) = nullptr;
};

}  // namespace curfew::monitor::detail

#endif
