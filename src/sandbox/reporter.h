// Tells metrics and log of what monitors do.
#ifndef CURFEW_SANDBOX_REPORTER_H
#define CURFEW_SANDBOX_REPORTER_H

namespace curfew::sandbox {

// From the first sandbox, registry or logger on. Cheap, any number of times, from any thread.
void install_reporter() noexcept;

}  // namespace curfew::sandbox

#endif
