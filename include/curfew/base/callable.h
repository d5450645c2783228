// What is asked of any callable that a caller hands over.
#ifndef CURFEW_BASE_CALLABLE_H
#define CURFEW_BASE_CALLABLE_H

#include <curfew/language.h>

#include <tuple>
#include <type_traits>
#include <utility>

namespace curfew::base {

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

}  // namespace curfew::base

#endif
