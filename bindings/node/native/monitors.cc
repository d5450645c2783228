#include "monitors.h"

#include <mutex>
#include <string_view>
#include <utility>

#include <curfew/monitor/execution_monitor.h>
#include <curfew/monitor/invocation.h>
#include <curfew/monitor/wait.h>

namespace curfew::node {

class Probe {
  public:
    void see(const Invocation* invocation) noexcept {
        const std::lock_guard lock(mutex_);
        invocation_ = invocation;
    }

    std::optional<Usage> used() const {
        const std::lock_guard lock(mutex_);
        return invocation_ ? std::optional(invocation_->used()) : std::nullopt;
    }

  private:
    mutable std::mutex mutex_;
    const Invocation* invocation_ = nullptr;
};

namespace {

// Part of a task, whose frame is gone before its invocation is.
class Look {
  public:
    Look(std::shared_ptr<Probe> probe, const Invocation& invocation) noexcept : probe_(std::move(probe)) {
        probe_->see(&invocation);
    }
    Look(Look&&) = default;
    Look& operator=(Look&&) = delete;
    ~Look() {
        if (probe_) probe_->see(nullptr);
    }

  private:
    std::shared_ptr<Probe> probe_;
};

MonitorTask watch(std::stop_token token, Look) { co_await monitor::stopped(std::move(token)); }

class FromJavaScript {
  public:
    explicit FromJavaScript(const CustomMonitor& custom)
        : name_(custom.name), token_(custom.fire.get_token()), probe_(custom.probe) {}

    Result<MonitorTask> get_monitor(const Invocation& call) const { return watch(token_, Look(probe_, call)); }
    std::string_view name() const noexcept { return name_; }

  private:
    std::string name_;
    std::stop_token token_;
    std::shared_ptr<Probe> probe_;
};

}  // namespace

CustomMonitors custom_monitors_of(napi_env env, napi_value names) {
    CustomMonitors monitors;
    if (is_nothing(env, names)) return monitors;
    for (napi_value name : items_of(env, names)) {
        monitors.push_back({.name = text_of(env, name), .probe = std::make_shared<Probe>()});
    }
    return monitors;
}

AnyMonitor monitor_of(const CustomMonitor& custom) { return AnyMonitor(FromJavaScript(custom)); }

std::optional<Usage> used(const CustomMonitor& custom) { return custom.probe->used(); }

}  // namespace curfew::node
