// What the settings of a saved state mean for the sandbox or the host that takes it.
#ifndef CURFEW_SANDBOX_SAVED_SETTINGS_H
#define CURFEW_SANDBOX_SAVED_SETTINGS_H

#include <curfew/error.h>

#include "sandbox/config.h"

namespace curfew::sandbox {

// Whether a host has room for what was saved: it decides how much memory a saved state may take, not the state. Fails with
// `invalid_argument`.
Result<void> check_sizes(const Settings& saved, const Settings& host);

// The settings of a sandbox that starts from a saved state at a host.
Settings under(const Settings& host, Settings saved);

// Whether a host that lets nothing be compiled may go on with it. Fails with `invalid_argument`.
Result<void> check_compiler(const Settings& saved, const Settings& host);

// Whether a sandbox with these settings can go back to what was saved. Fails with `invalid_argument`.
Result<void> check_restorable(const Settings& saved, const Settings& sandbox);

}  // namespace curfew::sandbox

#endif
