// The log of the process.
#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include <curfew/observer.h>
#include <curfew/spdlog.h>

#include "base/immortal.h"
#include "base/mutex.h"
#include "observe/spdlog/log_observer.h"

namespace curfew {

namespace {

struct Logging {
    base::Mutex mutex;
    ObserverRegistration registration GUARDED_BY(mutex);
    std::shared_ptr<spdlog::logger> logger GUARDED_BY(mutex);  // the observer does not keep it
    bool ended GUARDED_BY(mutex) = false;
};
constinit base::Immortal<Logging> g_logging;

// Lets the logger go when nobody uses it, which may be at once.
void stop(Logging& logging, bool for_good) noexcept {
    std::shared_ptr<spdlog::logger> last;
    const base::Lock lock(logging.mutex);
    logging.registration.remove();
    last = std::exchange(logging.logger, nullptr);
    if (for_good) logging.ended = true;
}

// Destroyed before spdlog's own statics are: from then on there is nothing to log to.
struct EndOfLogging {
    EndOfLogging() { spdlog::details::registry::instance(); }
    ~EndOfLogging() {
        observe::end_of_logging();
        stop(g_logging.get(), true);
    }
};

}  // namespace

void set_logger(std::shared_ptr<spdlog::logger> logger) {
    static const EndOfLogging end;
    auto observer = std::make_shared<observe::LogObserver>(logger);
    Logging& logging = g_logging.get();
    const base::Lock lock(logging.mutex);
    if (logging.ended) return;
    std::swap(logging.logger, logger);  // the old one goes when the lock is free
    logging.registration.replace(std::move(observer));
}

void stop_logging() noexcept { stop(g_logging.get(), false); }

}  // namespace curfew
