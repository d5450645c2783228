// Monitors, and the tables of what there is.
#include <chrono>

#include "c/boundary.h"

namespace curfew::c {

namespace {

using std::chrono::nanoseconds;

curfew_invocation* as_c(const Invocation& call) noexcept {
    return reinterpret_cast<curfew_invocation*>(const_cast<Invocation*>(&call));  // NOLINT: const again in as_cpp()
}

const Invocation& as_cpp(const curfew_invocation* call) noexcept { return *reinterpret_cast<const Invocation*>(call); }

// The functions of a curfew_monitor, with what they need.
struct Functions {
    curfew_monitor monitor;
    std::shared_ptr<void> user;
};

// The state of one call, which is finished with it.
class State {
  public:
    State(std::shared_ptr<const Functions> functions, void* state) noexcept
        : functions_(std::move(functions)), state_(state) {}
    State(State&& other) noexcept : functions_(std::move(other.functions_)), state_(other.state_) {}
    State& operator=(State&&) = delete;
    ~State() {
        if (functions_ && functions_->monitor.finish != nullptr) {
            functions_->monitor.finish(functions_->monitor.user, state_);
        }
    }

    nanoseconds check(const Invocation& call) const {
        return nanoseconds(functions_->monitor.check(functions_->monitor.user, as_c(call), state_));
    }

  private:
    std::shared_ptr<const Functions> functions_;
    void* state_;
};

class MonitorOfC {
  public:
    MonitorOfC(std::string name, std::shared_ptr<const Functions> functions)
        : name_(std::move(name)), functions_(std::move(functions)) {}

    Result<MonitorTask> get_monitor(const Invocation& call) const {
        void* state = nullptr;
        std::int64_t first = 0;
        if (functions_->monitor.start(functions_->monitor.user, as_c(call), &state, &first) != 0) {
            return std::unexpected(Error{.code = ErrorCode::monitor_failed, .message = "its start function failed"});
        }
        return watch(State(functions_, state), call, nanoseconds(first));
    }

    std::string_view name() const noexcept { return name_; }

  private:
    static MonitorTask watch(State state, const Invocation& call, nanoseconds next) {
        do {
            co_await monitor::sleep(next);
            next = state.check(call);
        } while (next > nanoseconds::zero());
    }

    std::string name_;
    std::shared_ptr<const Functions> functions_;
};

// Adds what `make` makes of a built-in limit.
template <typename Make>
curfew_error* added_by_name(curfew_monitors* monitors, const char* name, const char* value, Make&& make) noexcept {
    if (monitors == nullptr) return missing("the list of monitors");
    if (name == nullptr) return missing("the limit's name");
    if (value == nullptr) return missing("the limit's value");
    return guarded([&]() -> curfew_error* {
        auto made = make_limit(name, value);
        if (!made) return give(std::move(made.error()));
        monitors->monitors.emplace_back(std::forward<Make>(make)(std::move(*made)));
        return nullptr;
    });
}

// No default: a form that is new must get a number here.
int form_of(LimitForm form) noexcept {
    switch (form) {
        case LimitForm::duration: return CURFEW_LIMIT_DURATION;
        case LimitForm::size: return CURFEW_LIMIT_SIZE;
        case LimitForm::count: return CURFEW_LIMIT_COUNT;
        case LimitForm::point_in_time: return CURFEW_LIMIT_POINT_IN_TIME;
        case LimitForm::none: return CURFEW_LIMIT_WITHOUT_TEXT;
    }
    return 0;
}

}  // namespace

}  // namespace curfew::c

using namespace curfew;
using namespace curfew::c;
using std::chrono::nanoseconds;

size_t curfew_engine_count(void) { return engines().size(); }

const char* curfew_engine_name(size_t index) {
    return index < engines().size() ? engines()[index].name.data() : nullptr;  // literals
}

int curfew_limit_kind_at(size_t index, curfew_limit_kind* kind) {
    const auto kinds = limit_kinds();
    if (index >= kinds.size()) return 0;
    const LimitKind& known = kinds[index];
    const auto text = [](std::string_view of_table) { return of_table.empty() ? "" : of_table.data(); };  // literals
    give_out({.struct_size = sizeof(curfew_limit_kind),
              .name = text(known.name),
              .option = text(known.option),
              .example = text(known.example),
              .help = text(known.help),
              .form = form_of(known.form)},
             kind);
    return 1;
}

curfew_error* curfew_monitors_new(curfew_monitors** out) {
    if (out == nullptr) return missing("the place for the monitors");
    *out = nullptr;
    return guarded([&]() -> curfew_error* {
        *out = new curfew_monitors;  // NOLINT: its owner is C
        return nullptr;
    });
}

void curfew_monitors_free(curfew_monitors* monitors) { delete monitors; }  // NOLINT: C's

curfew_error* curfew_monitors_add(curfew_monitors* monitors, const char* name, const char* value) {
    return added_by_name(monitors, name, value, [](AnyMonitor made) { return made; });
}

curfew_error* curfew_monitors_add_soft(curfew_monitors* monitors, const char* name, const char* value) {
    return added_by_name(monitors, name, value, [](AnyMonitor made) { return SoftMonitor(std::move(made)); });
}

curfew_error* curfew_monitors_add_wall_clock(curfew_monitors* monitors, int64_t limit, int without_host_calls,
                                             int without_pauses) {
    if (monitors == nullptr) return missing("the list of monitors");
    return guarded([&]() -> curfew_error* {
        WallClockMonitor made{nanoseconds(limit)};
        if (without_host_calls != 0) made = made.excluding_host_calls();
        if (without_pauses != 0) made = made.excluding_pauses();
        monitors->monitors.emplace_back(made);
        return nullptr;
    });
}

curfew_error* curfew_quota_new(int64_t budget_ns, int64_t period_ns, curfew_quota** out) {
    if (out == nullptr) return missing("the place for the quota");
    *out = nullptr;
    return guarded([&]() -> curfew_error* {
        *out =
            new curfew_quota{QuotaMonitor(nanoseconds(budget_ns), nanoseconds(period_ns))};  // NOLINT: its owner is C
        return nullptr;
    });
}

int64_t curfew_quota_available_ns(const curfew_quota* quota) {
    return quota == nullptr ? 0 : quota->monitor.available().count();
}

void curfew_quota_free(curfew_quota* quota) { delete quota; }  // NOLINT: C's

curfew_error* curfew_monitors_add_quota(curfew_monitors* monitors, const curfew_quota* quota) {
    if (monitors == nullptr) return missing("the list of monitors");
    if (quota == nullptr) return missing("the quota");
    return guarded([&]() -> curfew_error* {
        monitors->monitors.emplace_back(quota->monitor);
        return nullptr;
    });
}

curfew_error* curfew_monitors_add_custom(curfew_monitors* monitors, const char* name, const curfew_monitor* monitor) {
    if (monitor == nullptr) return missing("the monitor");
    const curfew_monitor known = taken(monitor);
    std::shared_ptr<void> user;
    curfew_error* const failed = guarded([&]() -> curfew_error* {
        user = keep(known.user, known.free_user);
        return nullptr;
    });
    if (failed != nullptr) return failed;
    if (monitors == nullptr) return missing("the list of monitors");
    if (name == nullptr) return missing("the monitor's name");
    if (known.start == nullptr) return missing("the monitor's start function");
    if (known.check == nullptr) return missing("the monitor's check function");
    return guarded([&]() -> curfew_error* {
        monitors->monitors.emplace_back(
            MonitorOfC(name, std::make_shared<const Functions>(Functions{known, std::move(user)})));
        return nullptr;
    });
}

const char* curfew_invocation_handler(const curfew_invocation* call) {
    const std::string_view handler = as_cpp(call).handler();  // of a call: the caller's, which ends with a zero byte
    return handler.empty() ? "" : handler.data();
}

int64_t curfew_invocation_cpu_time_ns(const curfew_invocation* call) {
    return as_cpp(call).cpu_time().value_or(nanoseconds(-1)).count();
}

void curfew_invocation_usage(const curfew_invocation* call, curfew_usage* usage) {
    give_out(usage_of(as_cpp(call).used()), usage);
}
