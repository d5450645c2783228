// Dates as RFC 3339 writes them.
#ifndef CURFEW_GUEST_RUNTIME_DATE_TEXT_H
#define CURFEW_GUEST_RUNTIME_DATE_TEXT_H

#include "guest/platform/exchange.h"

namespace curfew::guest {

// "2025-12-24T18:00:00.5+01:00", as milliseconds since 1970. False: this is no such text.
bool read_date(Bytes text, double& milliseconds);

}  // namespace curfew::guest

#endif
