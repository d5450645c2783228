#include "base/name.h"

#include <string>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace curfew::base {

namespace {

const char* fault_of(std::string_view name) noexcept {
    if (name.empty()) return "must not be empty";
    if (name.size() > kLongestName) return "must not be longer than 255 bytes";
    if (name.contains('\0')) return "must not hold a NUL character";
    if (!is_utf8(name)) return "must be UTF-8";
    return nullptr;
}

}  // namespace

bool is_name(std::string_view text) noexcept { return fault_of(text) == nullptr; }

Result<void> check_name(std::string_view what, std::string_view name) {
    const char* const fault = fault_of(name);
    if (fault == nullptr) return {};
    return fail(ErrorCode::invalid_argument,
                "the name of " + std::string(what) + " " + fault + (name.empty() ? "" : ", but is " + in_quotes(name)));
}

}  // namespace curfew::base
