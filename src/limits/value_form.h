// How the values of limits are written: one reader and one writer for each form.
#ifndef CURFEW_LIMITS_VALUE_FORM_H
#define CURFEW_LIMITS_VALUE_FORM_H

#include <string>
#include <string_view>

#include <curfew/limits.h>

namespace curfew::limits {

// The value that a text gives. Not for LimitForm::none.
Result<LimitValue> read_value(LimitForm form, std::string_view text);

// The text that read_value() reads as this value. Only for what has the form.
std::string value_text(LimitForm form, const LimitValue& value);

// Whether a value is one that read_value() could give for the form, but for the time of day.
bool has_form(LimitForm form, const LimitValue& value) noexcept;

}  // namespace curfew::limits

#endif
