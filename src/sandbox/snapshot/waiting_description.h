// The part of a snapshot file's description that says what the saved sandbox was in the middle of.
#ifndef CURFEW_SANDBOX_WAITING_DESCRIPTION_H
#define CURFEW_SANDBOX_WAITING_DESCRIPTION_H

#include "sandbox/byte_text.h"
#include "sandbox/config.h"

namespace curfew::sandbox {

void write_waiting(ByteWriter& out, const SavedState& state);

// After the handlers. False if it makes no sense.
bool read_waiting(ByteReader& in, SavedState& state);

}  // namespace curfew::sandbox

#endif
