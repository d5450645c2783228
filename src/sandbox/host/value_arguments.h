// Arguments of host functions that come as values.
#ifndef CURFEW_SANDBOX_HOST_VALUE_ARGUMENTS_H
#define CURFEW_SANDBOX_HOST_VALUE_ARGUMENTS_H

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/host/detail/function.h>
#include <curfew/value.h>

namespace curfew::sandbox {

// Whether it is an array of CBOR, as a function gets it that does its own conversion.
bool is_list_of_values(std::string_view cbor);

// Holds what the arguments are views of.
class ValueArguments {
  public:
    // False: this is no list of values in CBOR, or a larger one than a host function gets.
    bool read(std::string_view cbor);

    const std::vector<host::detail::Argument>& all() const noexcept { return arguments_; }

  private:
    Value list_;
    std::deque<std::string> texts_;
    std::vector<host::detail::Argument> arguments_;
};

}  // namespace curfew::sandbox

#endif
