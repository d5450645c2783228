// What a sandbox's guest gets when it asks its host for something.
#ifndef CURFEW_SANDBOX_HOST_SERVICES_H
#define CURFEW_SANDBOX_HOST_SERVICES_H

#include <any>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <curfew/monitor/invocation.h>
#include <curfew/monitor/usage_meter.h>

#include "sandbox/environment.h"
#include "sandbox/event_source.h"
#include "sandbox/guest_services.h"
#include "sandbox/host/call_state.h"
#include "sandbox/host/host_runner.h"
#include "sandbox/host/open_calls.h"
#include "sandbox/modules/named_modules.h"
#include "sandbox/pending/waiting_state.h"

namespace curfew::sandbox {

// For one invocation at a time, on its thread, but for wake().
class HostServices final : public GuestServices {
  public:
    HostServices(std::shared_ptr<const Environment> environment, EventSource& events, UsageMeter& meter,
                 std::uint64_t output_limit, std::uint64_t heap_size);

    // Before and after an invocation, for which `context` stays where it is.
    void begin(const Invocation& call, const std::any& context) noexcept {
        call_ = &call;
        context_ = &context;
    }
    void end() noexcept;

    // As begin(), for an invocation that is run in pieces: a wait() ends one, and `waker` is told when it may be over. Who runs it
    // answers deferred calls, which fail otherwise. host_waits.cc has what belongs to that.
    void begin_pieces(const Invocation& call, const std::any& context, monitor::Waker& waker) noexcept;

    // Opens a call again that was saved. After begin_pieces().
    void reopen_call(WaitingCall call);

    // The rest only while the guest waits.
    std::vector<WaitingCall> waiting_calls(bool answered_too) const;
    std::optional<std::chrono::steady_clock::time_point> due() const noexcept;  // of its timer, if it has one
    std::chrono::steady_clock::time_point waits_since() const noexcept;
    bool can_end_wait() const;
    bool goes_on_by_itself() const;  // without answer_call()
    bool answer_call(std::uint32_t number, host::detail::Outcome outcome) noexcept;
    // What ends the wait, if anything does. It is taken.
    std::optional<HostReply> end_wait();

    // At the end of a request of the guest: what is open then, nobody waits for any more.
    void close_calls() noexcept;

    // Ends a wait() of the running invocation, which has been cancelled. From any thread.
    void wake() noexcept {
        open_calls_->wake();
        runner_.wake();
    }

    // Where the imports of scripts start. Not during an invocation.
    void set_script_folders(ScriptFolders folders) { script_folders_ = std::move(folders); }
    const ScriptFolders& script_folders() const noexcept { return script_folders_; }

    // The modules that have names; null: none. Not during an invocation.
    void set_named_modules(std::shared_ptr<const NamedModules> modules) noexcept {
        named_modules_ = std::move(modules);
    }
    const std::shared_ptr<const NamedModules>& named_modules() const noexcept { return named_modules_; }

    const std::shared_ptr<const Environment>& environment() const noexcept { return environment_; }
    std::uint64_t sandbox() const noexcept { return events_.number(); }

    bool cancelled() const noexcept override { return call_ != nullptr && call_->cancelled(); }
    bool may_print() const noexcept override { return meter_.value(Counter::bytes_printed) <= output_limit_; }
    void print(wire::PrintLevel level, std::string text) override;
    HostReply call_host_function(GuestCall call) override;
    std::uint64_t host_argument_limit() const noexcept override { return environment_->host_argument_limit; }
    HostReply refuse_host_call(std::string_view module, std::string_view function, std::uint64_t bytes) override;
    HostReply resolve_module(std::string_view importer, std::string_view specifier, std::uint32_t flags) override;
    HostReply read_module(std::string_view name, std::uint32_t flags) override;
    void refused_calls(std::string_view records) override;
    bool can_reply() const noexcept override { return open_calls_->any(); }
    std::optional<HostReply> wait(std::optional<std::chrono::microseconds> time, bool until_reply) override;

  private:
    template <typename F>
    std::optional<std::invoke_result_t<F&>> run_code(F code);
    const std::shared_ptr<host::detail::CallState>& state();
    host::detail::Outcome run_function(std::shared_ptr<const host::detail::Function> function, GuestCall call,
                                       std::shared_ptr<OpenCall> open);
    HostReply call_blocking(std::shared_ptr<const host::detail::Function> function, GuestCall call);
    HostReply call_asynchronous(std::shared_ptr<const host::detail::Function> function, GuestCall call);
    HostReply pass_on(AnsweredCall answered);
    void tell_end(const OpenCallInfo& call, observed::HostCallOutcome outcome, std::string_view error) noexcept;
    void end_state(bool tells) noexcept;

    std::shared_ptr<const Environment> environment_;
    EventSource& events_;
    UsageMeter& meter_;
    std::uint64_t output_limit_;
    ScriptFolders script_folders_;
    std::shared_ptr<const NamedModules> named_modules_;
    const Invocation* call_ = nullptr;
    const std::any* context_ = nullptr;
    bool in_pieces_ = false;
    struct Wait {
        std::chrono::steady_clock::time_point begun{};
        std::optional<std::chrono::steady_clock::time_point> due{};
        bool until_reply = false;
    };
    Wait wait_{};                                     // of an invocation in pieces
    std::shared_ptr<host::detail::CallState> state_;  // of the invocation, once a host function was called
    const std::shared_ptr<OpenCalls> open_calls_;
    HostRunner runner_;
};

// An invocation of the guest that the services are for, whichever way it ends.
class ServicesScope {
  public:
    ServicesScope(HostServices& services, const Invocation& call, const std::any& context) noexcept
        : services_(services) {
        services_.begin(call, context);
    }
    ~ServicesScope() { services_.end(); }
    ServicesScope(const ServicesScope&) = delete;
    ServicesScope& operator=(const ServicesScope&) = delete;

  private:
    HostServices& services_;
};

}  // namespace curfew::sandbox

#endif
