#include "c/boundary.h"

namespace curfew::c {

namespace {

// What an event of C says that says nothing.
curfew_event empty_event(curfew_event_kind kind) noexcept {
    return {.struct_size = sizeof(curfew_event),
            .kind = kind,
            .sandbox = 0,
            .stage = "",
            .handler = "",
            .module = "",
            .function = "",
            .monitor = "",
            .outcome = "",
            .text = "",
            .text_length = 0,
            .level = 0,
            .time_ns = 0,
            .error = nullptr,
            .usage = nullptr};
}

const char* name_of(SandboxStage stage) noexcept {
    switch (stage) {
        case SandboxStage::proto: return "proto";
        case SandboxStage::runtime: return "runtime";
        case SandboxStage::loaded: return "loaded";
    }
    return "";
}

const char* name_of(observed::InvocationOutcome outcome) noexcept {
    switch (outcome) {
        case observed::InvocationOutcome::completed: return "completed";
        case observed::InvocationOutcome::failed: return "failed";
        case observed::InvocationOutcome::terminated: return "terminated";
        case observed::InvocationOutcome::not_started: return "not_started";
    }
    return "";
}

// Tells each event by one function of C. A text is copied where it does not end with a zero byte; an event for which there is no
// memory is told without that text.
class ObserverOfC final : public Observer {
  public:
    ObserverOfC(curfew_observer observer, std::shared_ptr<void> user) noexcept
        : observer_(observer), user_(std::move(user)) {}

    void sandbox_made(const observed::SandboxMade& event) noexcept override {
        Told told(CURFEW_SANDBOX_MADE, event.sandbox);
        told.event.stage = name_of(event.stage);
        tell(told);
    }
    void sandbox_loaded(const observed::SandboxLoaded& event) noexcept override {
        tell(Told(CURFEW_SANDBOX_LOADED, event.sandbox));
    }
    void sandbox_restored(const observed::SandboxRestored& event) noexcept override {
        tell(Told(CURFEW_SANDBOX_RESTORED, event.sandbox));
    }
    void sandbox_unloaded(const observed::SandboxUnloaded& event) noexcept override {
        tell(Told(CURFEW_SANDBOX_UNLOADED, event.sandbox));
    }
    void sandbox_dropped(const observed::SandboxDropped& event) noexcept override {
        Told told(CURFEW_SANDBOX_DROPPED, event.sandbox);
        told.event.stage = name_of(event.stage);
        tell(told);
    }
    void invocation_begun(const observed::InvocationBegun& event) noexcept override {
        Told told(CURFEW_INVOCATION_BEGUN, event.sandbox);
        told.set(&curfew_event::handler, event.handler);
        tell(told);
    }
    void invocation_ended(const observed::InvocationEnded& event) noexcept override {
        Told told(CURFEW_INVOCATION_ENDED, event.sandbox);
        told.set(&curfew_event::handler, event.handler);
        told.event.outcome = name_of(event.outcome);
        const curfew_usage usage = usage_of(event.usage);
        told.event.usage = &usage;
        curfew_error* const error = event.error == nullptr ? nullptr : copy_of(*event.error);
        told.event.error = error;
        tell(told);
        curfew_error_free(error);
    }
    void host_call_begun(const observed::HostCallBegun& event) noexcept override {
        Told told(CURFEW_HOST_CALL_BEGUN, event.sandbox);
        told.set(&curfew_event::handler, event.handler);
        told.set(&curfew_event::module, event.module);
        told.set(&curfew_event::function, event.function);
        tell(told);
    }
    void host_call_ended(const observed::HostCallEnded& event) noexcept override {
        Told told(CURFEW_HOST_CALL_ENDED, event.sandbox);
        told.set(&curfew_event::handler, event.handler);
        told.set(&curfew_event::module, event.module);
        told.set(&curfew_event::function, event.function);
        told.set_text(event.error);
        told.event.time_ns = event.time.count();
        tell(told);
    }
    void printed(const observed::Printed& event) noexcept override {
        Told told(CURFEW_PRINTED, event.sandbox);
        told.set(&curfew_event::handler, event.handler);
        told.set_text(event.text);
        told.event.level = static_cast<int>(event.level);
        tell(told);
    }
    void alarmed(const observed::Alarm& event) noexcept override {
        Told told(CURFEW_ALARM, event.sandbox);
        told.set(&curfew_event::handler, event.handler);
        told.event.outcome = to_string(event.kind).data();  // a literal
        told.set_text(event.text);
        tell(told);
    }
    void engine_ready(const observed::EngineReady& event) noexcept override {
        Told told(CURFEW_ENGINE_READY, 0);
        told.set_text(event.image);
        told.event.time_ns = event.time.count();
        tell(told);
    }
    void terminated(const monitor::Termination& event) noexcept override {
        Told told(CURFEW_MONITOR_FIRED, 0);
        told.set(&curfew_event::handler, event.handler);
        told.set(&curfew_event::monitor, event.monitor);
        told.set_text(event.limit);
        tell(told);
    }
    void warned(const monitor::Warning& event) noexcept override {
        Told told(CURFEW_MONITOR_WARNED, 0);
        told.set(&curfew_event::handler, event.handler);
        told.set(&curfew_event::monitor, event.monitor);
        told.set_text(event.message);
        tell(told);
    }

  private:
    // An event, and the copies that it points to.
    struct Told {
        Told(curfew_event_kind kind, std::uint64_t sandbox) noexcept : event(empty_event(kind)) {
            event.sandbox = sandbox;
        }

        void set(const char* curfew_event::* where, std::string_view text) noexcept {
            if (text.empty()) return;
            try {
                std::string& copy = copies[used];
                copy = text;
                event.*where = copy.c_str();
                ++used;
            } catch (const std::bad_alloc&) {
            }
        }
        void set_text(std::string_view text) noexcept {
            const std::size_t before = used;
            set(&curfew_event::text, text);
            if (used > before) event.text_length = copies[before].size();
        }

        curfew_event event;
        std::string copies[4];
        std::size_t used = 0;
    };

    static curfew_error* copy_of(const Error& error) noexcept {
        return guarded([&]() -> curfew_error* { return give(error); });
    }

    void tell(const Told& told) const noexcept { observer_(user_.get(), &told.event); }

    curfew_observer observer_;
    std::shared_ptr<void> user_;
};

}  // namespace

std::shared_ptr<Observer> observer_of(curfew_observer observer, std::shared_ptr<void> user) {
    return std::make_shared<ObserverOfC>(observer, std::move(user));
}

}  // namespace curfew::c

using namespace curfew;
using namespace curfew::c;

curfew_error* curfew_observe(curfew_observer observer, void* user, curfew_free_user free_user,
                             curfew_registration** out) {
    return guarded([&]() -> curfew_error* {
        auto kept = keep(user, free_user);
        if (out == nullptr) return missing("the place for the registration");
        *out = nullptr;
        if (observer == nullptr) return missing("the observer");
        *out = new curfew_registration{add_observer(observer_of(observer, std::move(kept)))};  // NOLINT: its owner is C
        return nullptr;
    });
}

void curfew_registration_free(curfew_registration* registration) { delete registration; }  // NOLINT: C's
