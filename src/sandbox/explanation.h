// Why an exchange gave no result, in words.
#ifndef CURFEW_SANDBOX_EXPLANATION_H
#define CURFEW_SANDBOX_EXPLANATION_H

#include <cstdint>
#include <string_view>

#include <curfew/error.h>
#include <curfew/usage.h>

#include "cell/cell.h"
#include "sandbox/channel.h"
#include "sandbox/error_description.h"

namespace curfew::sandbox {

// What is known of it beside the answer.
struct Circumstances {
    const cell::Cell* cell;      // null: making one has failed
    std::string_view complaint;  // the channel's, where the guest broke the protocol
    std::uint64_t heap_size;
    const Usage& usage;
    const FindSource& find_source;
};

// Of an exchange that a monitor did not end. The guest's word for it that it ran nothing is taken only if nothing speaks
// against it.
Error explain(ExchangeEnd end, const Answer& answer, const Circumstances& circumstances);

// Nothing that an invocation of this usage did can be seen outside of its cell.
constexpr bool left_no_trace(const Usage& usage) noexcept { return usage.host_calls == 0 && usage.bytes_printed == 0; }

}  // namespace curfew::sandbox

#endif
