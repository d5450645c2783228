#include "cell/system_call_name.h"

#include <algorithm>
#include <climits>
#include <cstring>

namespace curfew::cell {

namespace {

struct NamedCall {
    std::uint32_t number;
    std::string_view name;
};

// Made of the kernel's headers by the build. NOLINTNEXTLINE(*-avoid-c-arrays): as long as that is
constexpr NamedCall kCalls[] = {
#include "system_call_names.inc"
};

}  // namespace

std::string_view system_call_name(std::uint32_t number) noexcept {
    const auto* const found = std::ranges::find(kCalls, number, &NamedCall::number);
    return found == std::ranges::end(kCalls) ? std::string_view() : found->name;
}

std::string_view error_name(std::uint32_t error) noexcept {
    if (error == 0 || error > INT_MAX) return {};
    const char* const name = ::strerrorname_np(static_cast<int>(error));
    return name == nullptr ? std::string_view() : std::string_view(name);
}

}  // namespace curfew::cell
