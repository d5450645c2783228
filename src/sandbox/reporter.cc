#include "sandbox/reporter.h"

#include "base/immortal.h"
#include "monitor/report.h"
#include "sandbox/log.h"
#include "sandbox/metrics.h"

namespace curfew::sandbox {

namespace {

class Reporter final : public monitor::Observer {
  public:
    void terminated(const monitor::Termination& termination) noexcept override {
        count_termination(termination.monitor);
        log(LogLevel::warning, [&] { return termination.error.message; });
    }
    void warned(const monitor::Warning& warning) noexcept override {
        count_warning(warning.monitor);
        log(LogLevel::warning, [&] { return warning.message; });
    }
};

constinit base::Immortal<Reporter> g_reporter;

}  // namespace

void install_reporter() noexcept { monitor::detail::set_reporter(&g_reporter.get()); }

}  // namespace curfew::sandbox
