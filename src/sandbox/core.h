// What Sandbox and LoadedSandbox have in common: a cell with a runtime in it, and how requests are run there under
// monitors.
//
//            load, call                     restore, unload
//   whole ----------------> (poisoned) ---------------------------> whole
//
// `poisoned` follows whenever an invocation did not run to its end: by a monitor, a kill, the cell's death, or an exception
// in the host's side of it, such as of a print function or for want of memory.
#ifndef CURFEW_SANDBOX_CORE_H
#define CURFEW_SANDBOX_CORE_H

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/error.h>
#include <curfew/monitor/cpu_clock.h>
#include <curfew/monitor/kill_switch.h>
#include <curfew/monitor/monitor_set.h>
#include <curfew/monitor/supervise.h>
#include <curfew/monitor/usage_meter.h>
#include <curfew/sandbox.h>

#include "base/forks.h"
#include "base/mutex.h"
#include "cell/cell.h"
#include "sandbox/alarms.h"
#include "sandbox/cell_clock.h"
#include "sandbox/channel.h"
#include "sandbox/config.h"
#include "sandbox/event_format.h"
#include "sandbox/host/host_threads.h"
#include "sandbox/host_services.h"
#include "sandbox/life_record.h"
#include "sandbox/pending/waiting_state.h"
#include "sandbox/script_sources.h"

namespace curfew::sandbox {

class PendingRun;

// What an event is handed over by.
inline Request call_request(std::string_view handler, std::string_view event) {
    return {.kind = wire::MessageKind::call, .name = handler, .payload = event};
}
inline Request with_options(Request request, const CallOptions& options) {
    request.flags |= format_flag(options.format);
    if (options.collect_garbage) request.flags |= wire::kCollectGarbage;
    return request;
}

class Core {
  public:
    ~Core();

    // A runtime without handlers.
    static Result<std::unique_ptr<Core>> start(const Config& config);

    // A runtime in a saved state, whose sizes are those of `settings`; without handlers if the state is of the kind `sandbox`.
    static Result<std::unique_ptr<Core>> start(const SavedState& state, const Settings& settings,
                                               std::shared_ptr<const Environment> environment);

    // Handlers that load() is to load; kept when it fails.
    NotedHandlers& noted() noexcept { return noted_; }

    // Modules that load() is to give names to; likewise.
    NamedModules& noted_modules() noexcept { return noted_modules_; }

    // Loads all noted handlers. On failure nothing is loaded, and the runtime is as it was before.
    Result<void> load(MonitorList monitors);

    Result<EventResult> call(std::string_view handler, std::string_view event, MonitorList monitors,
                             const CallOptions& options);

    // A loaded sandbox without handlers.
    Result<void> load_nothing();

    // One more handler, whose script and name were checked; and one less.
    Result<void> add_handler(std::string name, const Script& script, MonitorList monitors);
    bool remove_handler(std::string_view name);

    Result<EventResult> evaluate(const Script& program, MonitorList monitors, const CallOptions& options);

    // Whether an event can be handed over.
    Result<void> check_call(std::string_view handler, std::string_view event, ValueFormat format) const;

    // An invocation in pieces; see pending_run.h. While there is one, nothing but save() is allowed.
    Result<std::shared_ptr<PendingRun>> begin(std::string_view handler, std::string_view event, HeldMonitors monitors,
                                              CallOptions options);
    // The same of the one that the present state was saved in the middle of. Until then nothing but save(), restore() and unload()
    // is allowed.
    Result<std::shared_ptr<PendingRun>> continue_saved(HeldMonitors monitors, CallOptions options);
    bool is_pending();  // it has begun, and is not done
    bool is_saved_waiting() const noexcept { return waiting_ != nullptr; }

    // Of the kind `loaded_sandbox`.
    Result<std::shared_ptr<const SavedState>> save();
    Result<void> restore(const SavedState& state);

    // Of the kind `sandbox`.
    std::shared_ptr<const SavedState> save_noted() const;
    Result<void> restore_noted(const SavedState& state);

    // Back to the runtime without handlers.
    Result<void> unload();

    bool poisoned() const noexcept { return poisoned_; }

    // An invocation is running. Whoever uses the sandbox now is another thread, which it must not be, or a host function
    // that the invocation called. Nothing but interrupts is allowed.
    bool busy() const noexcept { return invoker_.load(std::memory_order_relaxed) != std::thread::id(); }
    bool busy_on_this_thread() const noexcept {
        return invoker_.load(std::memory_order_relaxed) == std::this_thread::get_id() || serves_on_this_thread();
    }

    // A host function that this sandbox called runs on this thread, perhaps still: its invocation may be over.
    bool serves_on_this_thread() const noexcept { return served_sandbox() == services_.sandbox(); }

    // This process is a child of the one that made it, whose cell it is. Nothing is allowed but to destroy it.
    bool inherited() const noexcept { return forks_ != base::forks(); }

    const std::vector<std::string>& handlers() const noexcept { return handlers_; }
    Engine engine() const noexcept { return settings_.engine; }
    const KillSwitch& kill_switch() const noexcept { return kill_switch_; }

  private:
    friend class PendingRun;
    Core(const Settings& settings, std::shared_ptr<const Environment> environment)
        : settings_(settings),
          services_(std::move(environment), life_.events(), meter_, settings.output_limit, settings.heap_size) {}

    static Result<std::unique_ptr<Core>> start_runtime(const Settings& settings,
                                                       std::shared_ptr<const Environment> environment,
                                                       const SavedState* state);
    std::shared_ptr<const Environment> environment_to_save() const;
    Result<void> enter_cgroup();
    cell::CellOptions cell_options() const;
    Result<void> roll_back();
    Result<void> check_host(const SavedState& state) const;
    void take_names(const SavedState& state);
    Result<void> bring_to(const std::shared_ptr<const cell::MemoryImage>& state);
    Verdict run(std::string_view handler, MonitorList monitors, const CallOptions& options, ExchangeEnd& stop,
                WorkRef work);
    void work_again_if_lost(const Invocation& call, const ExchangeEnd& stop, WorkRef work);
    bool replace_lost_cell();
    void drop_lost_cells() noexcept;
    void judge(std::string_view handler, const CallOptions& options, ExchangeEnd stop, Verdict& verdict);
    void settle_pieces(std::string_view handler, const CallOptions& options, ExchangeEnd stop, Verdict& verdict);
    void prepare_invocation() noexcept;
    SuperviseOptions supervise_options(std::string_view handler) noexcept;
    void interrupt_running();
    void give_up_invocation() noexcept;
    void interrupt_cell() noexcept;
    ExchangeEnd exchange(Request request, Answer& answer, bool new_request);
    ExchangeEnd ask(const Request& request, Answer& answer) { return exchange(request, answer, true); }
    void let_rest() noexcept;
    Result<EventResult> invoke(std::string_view handler, std::string_view event, MonitorList monitors,
                               const CallOptions& options);
    Result<EventResult> invoke_by(const Request& request, std::string_view what, std::string_view handler,
                                  MonitorList monitors, const CallOptions& options);
    ExchangeEnd send_script(const std::string& name, const Script& script, const std::string& text, Answer& answer);
    Result<void> note_source_map(const Script& script);
    std::shared_ptr<const SourceMap> source_map_of(std::string_view file);
    void show_sources(Error& error);

    struct Carried {
        std::string_view what;
        std::size_t size;
        ValueFormat format;
    };
    Result<EventResult> result_of(std::string_view handler, const Carried& carried, ExchangeEnd stop, Answer& answer,
                                  Verdict& verdict);
    Error explain(std::string_view handler, ExchangeEnd stop, const Answer& answer, const Verdict& verdict);

    const std::uint64_t forks_ = base::forks();
    Settings settings_;
    LifeRecord life_;  // its end is told when all below is gone
    Alarms alarms_{life_.events()};
    std::shared_ptr<const cell::MemoryImage> started_;  // the runtime without handlers
    std::shared_ptr<const cell::MemoryImage> named_;    // the state that handlers_ is of, and that fits the host
    std::shared_ptr<cell::Cgroup> cgroup_;              // outlives the cells
    std::unique_ptr<cell::Cell> cell_;                  // none: making one has failed, and the core is poisoned
    base::Mutex cell_mutex_;  // of who interrupts the cell from another thread, and who exchanges it in an invocation
    std::vector<std::unique_ptr<cell::Cell>>
        lost_cells_;  // of the invocation that is running; others may read their clocks
    CellCpuClock clock_;
    UsageMeter meter_;
    HostServices services_;
    KillSwitch kill_switch_;
    std::string complaint_;           // of the last exchange that broke the protocol
    bool needs_seed_ = true;          // the guest's random numbers would be those of all cells of the same image
    std::uint32_t last_request_ = 0;  // the number of the latest request since the guest was last in a known state
    bool touched_ = false;            // the guest has run since it was last in a known state
    bool poisoned_ = false;
    std::atomic<std::thread::id> invoker_{};  // the thread whose invocation is running
    NotedHandlers noted_;
    NamedModules noted_modules_;
    std::shared_ptr<const ScriptSources> sources_;  // of handlers_
    std::shared_ptr<const ScriptMaps> script_maps_;
    std::map<std::string, std::shared_ptr<const SourceMap>, std::less<>> read_maps_;  // null: has none that can be read
    std::vector<std::string> handlers_;
    std::shared_ptr<const WaitingState>
        waiting_;                          // what the state was saved in the middle of, and did not go on with yet
    std::shared_ptr<PendingRun> pending_;  // until it is done
};

}  // namespace curfew::sandbox

#endif
