// Makes host functions of C++ callables.
#ifndef CURFEW_HOST_DETAIL_TYPED_FUNCTION_H
#define CURFEW_HOST_DETAIL_TYPED_FUNCTION_H

#include <curfew/language.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/host/detail/convert.h>
#include <curfew/host/detail/function.h>

namespace curfew::host::detail {

// A null function pointer, or an empty std::function.
template <typename F>
bool is_empty(const F& function) {
    if constexpr (requires { function == nullptr; }) {
        return function == nullptr;
    } else {
        return false;
    }
}

// --- What a callable takes and returns ---

template <typename... Parameters>
struct TypeList {};

template <typename R, typename... Parameters>
struct Signature {
    using Returned = R;
    using Taken = TypeList<Parameters...>;
};

template <typename T>
struct MemberSignature;
// NOLINTBEGIN(bugprone-macro-parentheses): qualifiers cannot stand in any.
#define CURFEW_MEMBER_SIGNATURE(QUALIFIERS)                      \
    template <typename R, typename C, typename... Parameters>    \
    struct MemberSignature<R (C::*)(Parameters...) QUALIFIERS> { \
        using Type = Signature<R, Parameters...>;                \
    };
// NOLINTEND(bugprone-macro-parentheses)
CURFEW_MEMBER_SIGNATURE()
CURFEW_MEMBER_SIGNATURE(const)
CURFEW_MEMBER_SIGNATURE(noexcept)
CURFEW_MEMBER_SIGNATURE(const noexcept)
CURFEW_MEMBER_SIGNATURE(&)
CURFEW_MEMBER_SIGNATURE(const&)
CURFEW_MEMBER_SIGNATURE(& noexcept)
CURFEW_MEMBER_SIGNATURE(const& noexcept)
#undef CURFEW_MEMBER_SIGNATURE

template <typename F>
struct SignatureOf {
    static_assert(
        requires { &F::operator(); },
        "a host function is a function, or an object with one call operator that is neither a template nor "
        "overloaded; give a lambda with the types written out");
    using Type = typename MemberSignature<decltype(&F::operator())>::Type;
};
template <typename R, typename... Parameters>
struct SignatureOf<R (*)(Parameters...)> {
    using Type = Signature<R, Parameters...>;
};
template <typename R, typename... Parameters>
struct SignatureOf<R (*)(Parameters...) noexcept> {
    using Type = Signature<R, Parameters...>;
};

template <typename R, typename First, typename... Rest>
constexpr bool takes_context(Signature<R, First, Rest...>) {
    return std::is_same_v<std::remove_cvref_t<First>, CallContext>;
}
template <typename R>
constexpr bool takes_context(Signature<R>) {
    return false;
}

template <typename R, typename First, typename... Rest>
TypeList<Rest...> without_first(Signature<R, First, Rest...>);

// --- Results ---

template <typename T>
struct IsResult : std::false_type {};
template <typename T>
struct IsResult<Result<T>> : std::true_type {
    using Value = T;
};

template <typename R>
std::string result_name() {
    if constexpr (IsResult<R>::value) {
        return result_name<typename IsResult<R>::Value>();
    } else if constexpr (std::is_same_v<R, std::span<const std::byte>>) {
        return "bytes";
    } else {
        return TypeName<R>::get();
    }
}

template <typename T>
Outcome outcome_of(const Result<T>& result) {
    if (!result) return failed(result.error().message);
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        return to_outcome(*result);
    }
}

// Calls, and converts what comes back.
template <typename Call>
Outcome outcome_of_call(Call&& call) {
    using R = std::remove_cvref_t<std::invoke_result_t<Call>>;
    if constexpr (std::is_void_v<R>) {
        std::forward<Call>(call)();
        return {};
    } else if constexpr (IsResult<R>::value) {
        return outcome_of(std::forward<Call>(call)());
    } else {
        return to_outcome(std::forward<Call>(call)());
    }
}

// --- Parameters ---

// What an argument becomes before the function is called with it.
template <typename P>
struct Held {
    static_assert(!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>,
                  "a host function takes its arguments by value or by const reference");
    static_assert(!std::is_pointer_v<std::remove_cvref_t<P>>, "a host function cannot take pointers; take std::string");
    using Plain = std::remove_cvref_t<P>;
    using Type = std::conditional_t<std::is_same_v<Plain, std::string_view>, std::string, Plain>;
    static std::string name() {
        if constexpr (std::is_same_v<Type, std::span<const std::byte>>) {
            return "bytes";
        } else {
            return TypeName<Type>::get();
        }
    }
};

template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;

// --- The functions ---

// What is wrong with a call of `count` arguments.
CURFEW_EXPORT std::string wrong_count(std::size_t least, std::size_t most, std::size_t count);

// Puts the arguments of a raw function into one array. An outcome of another kind than `json` says what is wrong.
CURFEW_EXPORT Outcome join(std::span<const Argument> arguments, std::string& array);

// Whether a dynamic function can be called with these arguments: as join(), which makes no text of them.
CURFEW_EXPORT Outcome check(std::span<const Argument> arguments);

// The parameters that arguments are for.
template <typename FullSignature>
struct WithoutContext {
    static auto parameters() {
        if constexpr (takes_context(FullSignature())) {
            return decltype(without_first(FullSignature()))();
        } else {
            return typename FullSignature::Taken();
        }
    }
    using Parameters = decltype(parameters());
};

template <typename... P>
std::string names_of(TypeList<P...>) {
    std::string names;
    ((names += (names.empty() ? "" : ", ") + Held<P>::name()), ...);
    return "(" + names + ")";
}

template <typename... P>
constexpr bool hold_values(TypeList<P...>) {
    return (kHoldsValues<typename Held<P>::Type> || ...);
}

template <typename R>
constexpr bool result_holds_values() {
    if constexpr (IsResult<R>::value) {
        return kHoldsValues<typename IsResult<R>::Value>;
    } else {
        return kHoldsValues<R>;
    }
}

// How many arguments a function takes at least: those behind may be left out.
template <typename... P>
constexpr std::size_t required(TypeList<P...>) {
    std::size_t count = 0, index = 0;
    ((++index, count = is_optional<typename Held<P>::Type> ? count : index), ...);
    return count;
}

template <typename T>
Converted<T> take_argument(std::span<const Argument> arguments, std::size_t index) {
    constexpr Argument kMissing{"null"};
    return FromArgument<T>::convert(index < arguments.size() ? arguments[index] : kMissing);
}

// Converts the arguments and gives them to `call`, whose outcome this is; or says what is wrong with them.
template <typename... P, std::size_t... I, typename Call>
Outcome convert_and_call([[maybe_unused]] std::span<const Argument> arguments, TypeList<P...>,
                         std::index_sequence<I...>, Call&& call) {
    std::tuple<Converted<typename Held<P>::Type>...> values{take_argument<typename Held<P>::Type>(arguments, I)...};
    std::string wrong;
    [[maybe_unused]] const auto check = [&wrong](std::size_t index, const auto& value) {
        if (value || !wrong.empty()) return;
        wrong = "argument " + std::to_string(index + 1) + " " + value.error();
    };
    (check(I, std::get<I>(values)), ...);
    if (!wrong.empty()) return {Outcome::Kind::bad_arguments, std::move(wrong)};
    return std::forward<Call>(call)(static_cast<P&&>(*std::get<I>(values))...);
}

template <typename... P, typename Call>
Outcome call_with(std::span<const Argument> arguments, TypeList<P...> list, Call&& call) {
    constexpr std::size_t kLeast = required(TypeList<P...>());
    if (arguments.size() < kLeast || arguments.size() > sizeof...(P)) {
        return {Outcome::Kind::wrong_count, wrong_count(kLeast, sizeof...(P), arguments.size())};
    }
    return convert_and_call(arguments, list, std::index_sequence_for<P...>(), std::forward<Call>(call));
}

template <typename F>
class TypedFunction final : public Function {
    using FullSignature = typename SignatureOf<F>::Type;
    using Parameters = typename WithoutContext<FullSignature>::Parameters;

  public:
    explicit TypedFunction(F function) : function_(std::move(function)) {}

    Outcome call([[maybe_unused]] const CallContext& context, std::span<const Argument> arguments) const override {
        return call_with(arguments, Parameters(), [&](auto&&... values) {
            return outcome_of_call([&]() -> decltype(auto) {
                if constexpr (takes_context(FullSignature())) {
                    return function_(context, static_cast<decltype(values)&&>(values)...);
                } else {
                    return function_(static_cast<decltype(values)&&>(values)...);
                }
            });
        });
    }

    bool asks_for_values() const noexcept override {
        return hold_values(Parameters()) ||
               result_holds_values<std::remove_cvref_t<typename FullSignature::Returned>>();
    }

    std::string signature() const override {
        return names_of(Parameters()) + " -> " + result_name<std::remove_cvref_t<typename FullSignature::Returned>>();
    }

  private:
    mutable F function_;
};

template <typename F>
class RawFunction final : public Function {
  public:
    explicit RawFunction(F function) : function_(std::move(function)) {}

    Outcome call(const CallContext& context, std::span<const Argument> arguments) const override {
        std::string array;
        if (Outcome outcome = join(arguments, array); outcome.kind != Outcome::Kind::json) return outcome;
        if constexpr (std::is_invocable_v<F&, const CallContext&, std::string_view>) {
            return outcome_of_text(function_(context, std::string_view(array)));
        } else {
            static_assert(std::is_invocable_v<F&, std::string_view>,
                          "a raw host function takes a std::string_view, if wanted with a CallContext before it");
            return outcome_of_text(function_(std::string_view(array)));
        }
    }

    std::string signature() const override { return "(json) -> json"; }

  private:
    static Outcome outcome_of_text(Result<std::string> result) {
        if (!result) return failed(std::move(result.error().message));
        return {Outcome::Kind::json, std::move(*result)};
    }

    mutable F function_;
};

template <typename F>
class DynamicFunction final : public Function {
    static_assert(std::is_invocable_r_v<Result<HostValue>, F&, const CallContext&, std::span<const HostArgument>>,
                  "a dynamic host function takes a CallContext and a std::span<const HostArgument>, and returns a "
                  "HostValue or a Result of it");

  public:
    explicit DynamicFunction(F function) : function_(std::move(function)) {}

    Outcome call(const CallContext& context, std::span<const Argument> arguments) const override {
        if (Outcome outcome = check(arguments); outcome.kind != Outcome::Kind::json) return outcome;
        Result<HostValue> result = function_(context, arguments);
        if (!result) return failed(std::move(result.error().message));
        return outcome_of(std::move(*result));
    }

    std::string signature() const override { return "(...) -> any"; }

  private:
    mutable F function_;
};

template <typename F>
class CborFunction final : public Function {
    static_assert(
        std::is_invocable_r_v<Result<HostValue>, F&, const CallContext&, std::string_view>,
        "a host function that takes CBOR takes a CallContext and a std::string_view, and returns a HostValue or "
        "a Result of it");

  public:
    explicit CborFunction(F function) : function_(std::move(function)) {}

    bool asks_for_values() const noexcept override { return true; }
    bool takes_cbor() const noexcept override { return true; }

    Outcome call(const CallContext& context, std::span<const Argument> arguments) const override {
        Result<HostValue> result = function_(context, arguments.front().data);
        if (!result) return failed(std::move(result.error().message));
        return outcome_of(std::move(*result));
    }

    std::string signature() const override { return "(...values) -> any"; }

  private:
    mutable F function_;
};

}  // namespace curfew::host::detail

#endif
