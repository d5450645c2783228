// What a sandbox's guest gets when it asks its host for something.
#ifndef CURFEW_SANDBOX_HOST_SERVICES_H
#define CURFEW_SANDBOX_HOST_SERVICES_H

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <curfew/monitor/invocation.h>
#include <curfew/monitor/usage_meter.h>

#include "base/mutex.h"
#include "sandbox/environment.h"
#include "sandbox/event_source.h"
#include "sandbox/guest_services.h"

namespace curfew::sandbox {

// For one invocation at a time, on its thread, but for wake().
class HostServices final : public GuestServices {
  public:
    HostServices(std::shared_ptr<const Environment> environment, EventSource& events, UsageMeter& meter,
                 std::uint64_t output_limit)
        : environment_(std::move(environment)), events_(events), meter_(meter), output_limit_(output_limit) {}

    // Before and after an invocation.
    void begin(const Invocation& call) noexcept { call_ = &call; }
    void end() noexcept { call_ = nullptr; }

    // Ends a wait() of the running invocation, which has been cancelled. From any thread.
    void wake() noexcept;

    // Where the imports of scripts start. Not during an invocation.
    void set_script_folders(ScriptFolders folders) { script_folders_ = std::move(folders); }
    const ScriptFolders& script_folders() const noexcept { return script_folders_; }

    const std::shared_ptr<const Environment>& environment() const noexcept { return environment_; }

    bool cancelled() const noexcept override { return call_ != nullptr && call_->cancelled(); }
    bool may_print() const noexcept override { return meter_.value(Counter::bytes_printed) <= output_limit_; }
    void print(wire::PrintLevel level, std::string text) override;
    HostReply call_host_function(std::string_view module, std::string_view function, std::uint32_t count,
                                 std::string_view arguments) override;
    std::uint64_t host_argument_limit() const noexcept override { return environment_->host_argument_limit; }
    HostReply refuse_host_call(std::string_view module, std::string_view function, std::uint64_t bytes) override;
    HostReply resolve_module(std::string_view importer, std::string_view specifier, std::uint32_t flags) override;
    HostReply read_module(std::string_view name, std::uint32_t flags) override;
    void wait(std::chrono::microseconds time) override;

  private:
    std::shared_ptr<const Environment> environment_;
    EventSource& events_;
    UsageMeter& meter_;
    std::uint64_t output_limit_;
    ScriptFolders script_folders_;
    const Invocation* call_ = nullptr;
    base::Mutex mutex_;
    base::Condition woken_;
};

// An invocation of the guest that the services are for, whichever way it ends.
class ServicesScope {
  public:
    ServicesScope(HostServices& services, const Invocation& call) noexcept : services_(services) {
        services_.begin(call);
    }
    ~ServicesScope() { services_.end(); }
    ServicesScope(const ServicesScope&) = delete;
    ServicesScope& operator=(const ServicesScope&) = delete;

  private:
    HostServices& services_;
};

}  // namespace curfew::sandbox

#endif
