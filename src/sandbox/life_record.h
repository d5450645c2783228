// What metrics and log learn of one sandbox's life.
#ifndef CURFEW_SANDBOX_LIFE_RECORD_H
#define CURFEW_SANDBOX_LIFE_RECORD_H

#include <cstdint>
#include <string>
#include <vector>

#include <curfew/error.h>

#include "sandbox/metrics.h"

namespace curfew::sandbox {

// A member of what lives as long as the sandbox's cell. Each function stands for a step that succeeded.
class LifeRecord {
  public:
    LifeRecord() noexcept;
    ~LifeRecord();
    LifeRecord(const LifeRecord&) = delete;
    LifeRecord& operator=(const LifeRecord&) = delete;

    void started() noexcept;
    void started_from_snapshot(const std::vector<std::string>& handlers) noexcept;
    void loaded(const std::vector<std::string>& handlers) noexcept;
    void restored() noexcept;
    void unloaded() noexcept;

    // An invocation ended with this error. Those that leave the sandbox fit for the next are nothing to tell.
    void failed(const Error& error) noexcept;

  private:
    std::uint64_t number_;  // in this process, to tell sandboxes apart in the log
    Counted counted_;
};

}  // namespace curfew::sandbox

#endif
