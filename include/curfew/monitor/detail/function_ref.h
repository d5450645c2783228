// A non-owning reference to a callable: what std::function_ref will be. It must not outlive the callable.
#ifndef CURFEW_MONITOR_DETAIL_FUNCTION_REF_H
#define CURFEW_MONITOR_DETAIL_FUNCTION_REF_H

#include <curfew/language.h>

#include <memory>
#include <type_traits>
#include <utility>

#include <curfew/base/callable.h>

namespace curfew::monitor::detail {

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
        if (base::is_null_callable(callable)) return;
        if constexpr (std::is_function_v<std::remove_reference_t<F>>) {
            object_.function = reinterpret_cast<void (*)()>(std::addressof(callable));
            call_ = [](Object object, Args... args) -> R {
                return (*reinterpret_cast<std::remove_reference_t<F>*>(object.function))(std::forward<Args>(args)...);
            };
        } else {
            object_.data = const_cast<void*>(static_cast<const void*>(std::addressof(callable)));
            call_ = [](Object object, Args... args) -> R {
                return base::invoke_as<R>(*static_cast<std::remove_reference_t<F>*>(object.data),
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
