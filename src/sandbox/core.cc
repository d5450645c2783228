#include "sandbox/core.h"

#include <algorithm>
#include <cstring>

#include "base/random.h"
#include "base/text.h"
#include "cell/make_cell.h"
#include "sandbox/busy_scope.h"
#include "sandbox/event_format.h"
#include "sandbox/explanation.h"
#include "sandbox/failure.h"
#include "sandbox/own_limit.h"
#include "sandbox/runtime_image.h"
#include "sandbox/saved_settings.h"

namespace curfew::sandbox {

namespace {

using wire::MessageKind;

}  // namespace

cell::CellOptions Core::cell_options() const {
    return {.handover = settings_.wait_mode == WaitMode::spin ? cell::Handover::spin : cell::Handover::block,
            .coarse_time = settings_.side_channels == SideChannels::strict,
            .leaves_nothing = settings_.restore_mode == RestoreMode::strict,
            .branch_barrier = settings_.branch_barrier,
            .cgroup = cgroup_.get()};
}

// The leaf that all sandboxes of the environment share, or else one of its own.
Result<void> Core::enter_cgroup() {
    const Environment& environment = *services_.environment();
    cgroup_ = environment.cgroup;
    if (cgroup_ || !environment.cgroup_limits) return {};
    auto made = cell::Cgroup::make(*environment.cgroup_limits);
    if (!made) return std::unexpected(std::move(made.error()));
    cgroup_ = std::move(*made);
    return {};
}

Result<std::unique_ptr<Core>> Core::start(const Config& config) {
    return start_runtime(config.settings, std::make_shared<const Environment>(config.environment), nullptr);
}

// With what the state has noted, if there is one.
Result<std::unique_ptr<Core>> Core::start_runtime(const Settings& settings,
                                                  std::shared_ptr<const Environment> environment,
                                                  const SavedState* state) {
    auto started = started_runtime(image_kind(settings), {.heap = settings.heap_size, .stack = settings.stack_size});
    if (!started) return std::unexpected(started.error());
    std::unique_ptr<Core> core(new Core(settings, std::move(environment)));
    core->started_ = std::move(*started);
    if (state != nullptr) {
        if (auto fits = core->check_host(*state); !fits) return std::unexpected(fits.error());
        core->noted_ = state->noted;
    }
    if (auto entered = core->enter_cgroup(); !entered) return std::unexpected(entered.error());
    if (auto made = core->bring_to(core->started_); !made) return std::unexpected(made.error());
    core->life_.made(SandboxStage::runtime, image_kind(settings), core->services_.environment()->observers);
    return core;
}

Result<std::unique_ptr<Core>> Core::start(const SavedState& state, const Settings& settings,
                                          std::shared_ptr<const Environment> environment) {
    if (state.kind == SnapshotKind::sandbox) return start_runtime(settings, std::move(environment), &state);
    std::unique_ptr<Core> core(new Core(settings, std::move(environment)));
    if (auto fits = core->check_host(state); !fits) return std::unexpected(fits.error());
    if (auto entered = core->enter_cgroup(); !entered) return std::unexpected(entered.error());
    if (auto made = core->bring_to(state.memory); !made) return std::unexpected(made.error());
    core->take_names(state);
    core->life_.made(SandboxStage::loaded, image_kind(core->settings_), core->services_.environment()->observers,
                     core->handlers_);
    return core;
}

// Puts a cell into the state: the same cell if it started there, a new one otherwise or if that one is dead.
Result<void> Core::bring_to(const std::shared_ptr<const cell::MemoryImage>& state) {
    poisoned_ = true;  // until it is done
    if (cell_) alarms_.look_a_last_time(*cell_);
    const bool same = cell_ && cell_->image() == state && !cell_->death();
    if (same && cell_->reset()) {
        clock_.stop();
    } else {
        if (cell_) alarms_.look_at(*cell_);
        clock_.follow(nullptr);
        cell_.reset();
        auto made = cell::make_cell(state, cell_options());
        if (!made) return std::unexpected(made.error());
        cell_ = std::move(*made);
        clock_.follow(cell_.get());
    }
    alarms_.start_anew();
    needs_seed_ = true;
    touched_ = false;
    last_request_ = 0;  // a guest knows of no requests but those since then
    poisoned_ = false;
    return {};
}

Result<void> Core::roll_back() {
    if (!started_) {
        auto started =
            started_runtime(image_kind(settings_), {.heap = settings_.heap_size, .stack = settings_.stack_size});
        if (!started) return std::unexpected(started.error());
        started_ = std::move(*started);
    }
    if (auto done = bring_to(started_); !done) return done;
    named_.reset();
    waiting_.reset();
    handlers_.clear();
    sources_.reset();
    services_.set_script_folders({});
    services_.set_named_modules({});
    script_maps_.reset();
    read_maps_.clear();
    return {};
}

Result<void> Core::unload() {
    if (auto done = roll_back(); !done) return done;
    life_.unloaded();
    return {};
}

// Between invocations the guest has nothing to do.
void Core::let_rest() noexcept {
    if (const auto used = clock_.cell_stopped_at()) cell_->rest(*used);
}

ExchangeEnd Core::exchange(Request request, Answer& answer, bool new_request) {
    if (!cell_->wake()) return ExchangeEnd::died;
    touched_ = true;
    if (needs_seed_) {
        base::fill_with_randomness(cell_->mailbox().seed);
        request.flags |= wire::kReseed;
        needs_seed_ = false;
    }
    cell_->mailbox().traces_calls = services_.environment()->call_trace ? 1 : 0;
    if (new_request || last_request_ == 0) ++last_request_;
    Channel channel(*cell_, services_, meter_, last_request_, settings_.wait_mode == WaitMode::spin);
    const ExchangeEnd stop = channel.exchange(request, answer, new_request);
    if (stop != ExchangeEnd::waits) services_.close_calls();
    complaint_ = channel.complaint();
    return stop;
}

// What the guest is in the middle of, or has answered already, nobody will hear of.
void Core::give_up_invocation() noexcept {
    poisoned_ = true;
    interrupt_cell();
}

void Core::interrupt_cell() noexcept {
    if (!inherited() && !cell_->interrupted()) cell_->interrupt();
}

void Core::prepare_invocation() noexcept {
    meter_.reset();
    if (!clock_.stopped()) clock_.stop();  // the invocation before ended with an exception
}

SuperviseOptions Core::supervise_options(std::string_view handler) noexcept {
    return {.handler = handler,
            .cpu_clock = &clock_,
            .meter = &meter_,
            .defaults = MonitorList(services_.environment()->default_monitors),
            .kill_switch = &kill_switch_,
            .observer = life_.events().own()};
}

// From any thread.
void Core::interrupt_running() {
    {
        const base::Lock lock(cell_mutex_);
        cell_->interrupt();
    }
    services_.wake();
}

// Runs `work`, which puts into `stop` how its exchange ended, as an invocation under monitors. What the host's side of it
// throws passes through, and leaves the core poisoned: its guest has an answer to give that is not the next request's.
Verdict Core::run(std::string_view handler, MonitorList monitors, const CallOptions& options, ExchangeEnd& stop,
                  WorkRef work) {
    prepare_invocation();
    stop = ExchangeEnd::completed;
    const SuperviseOptions supervision = supervise_options(handler);
    const auto interrupt = monitor::prompt([this] { interrupt_running(); });
    const BusyScope busy(invoker_);
    bool begun = false;
    try {
        Verdict verdict = supervise_call(monitors, supervision, interrupt, [&](const Invocation& call) {
            begun = true;
            clock_.go_on();
            const ServicesScope services(services_, call, options.context);
            work_again_if_lost(call, stop, work);
        });
        judge(handler, options, stop, verdict);
        clock_.stop_after(verdict.usage.cpu_time);
        drop_lost_cells();
        let_rest();
        return verdict;
    } catch (...) {
        if (begun) give_up_invocation();
        drop_lost_cells();
        throw;
    }
}

// What follows from how an invocation and its exchange ended.
void Core::judge(std::string_view handler, const CallOptions& options, ExchangeEnd stop, Verdict& verdict) {
    if (verdict.ending == Ending::completed) {
        if (stop == ExchangeEnd::output) {
            end_by(output_limit(settings_.output_limit), handler, verdict, life_.events().own());
        } else if (stop == ExchangeEnd::died && cell_->death().kind == cell::DeathKind::no_memory) {
            end_by(cgroup_limit(*cgroup_), handler, verdict, life_.events().own());
        }
    }
    if (options.count_pages) {
        verdict.usage.pages_dirtied = cell_->pages_written();
        verdict.error.usage.pages_dirtied = verdict.usage.pages_dirtied;
    }
    alarms_.look_at(*cell_, handler, stop == ExchangeEnd::protocol ? std::string_view(complaint_) : "");
    const bool cut_short = stop != ExchangeEnd::completed && stop != ExchangeEnd::refused;
    if ((verdict.ending == Ending::cancelled && verdict.error.ran) || cut_short) {
        poisoned_ = true;
        // Whatever the guest is doing, it shall not go on with it.
        if (cut_short) interrupt_cell();
    }
}

// A cell can die while it starts, between its reset and its next request, or because of what an earlier invocation left in
// its registers. A request of which nothing was run yet is given to a new cell then, under the same monitors, which go on
// counting. Only a cell that was reset could lie about it, and a new one was not, so that a guest gains one more try at most.
void Core::work_again_if_lost(const Invocation& call, const ExchangeEnd& stop, WorkRef work) {
    work(call);
    for (std::size_t cells = 1; cells < CellCpuClock::kMaxCells; ++cells) {
        if (stop != ExchangeEnd::died || !cell_->lost_before_entry() || !left_no_trace(meter_.snapshot())) return;
        // Whoever cancels says so first, and interrupts whichever cell is there then.
        if (call.cancelled() || !replace_lost_cell() || call.cancelled()) return;
        work(call);
    }
}

bool Core::replace_lost_cell() {
    lost_cells_.reserve(CellCpuClock::kMaxCells);
    auto made = cell::make_cell(cell_->image(), cell_options());
    if (!made) return false;
    alarms_.look_at(*cell_);
    alarms_.start_anew();
    {
        const base::Lock lock(cell_mutex_);
        lost_cells_.push_back(std::exchange(cell_, std::move(*made)));
    }
    clock_.go_on_with(*cell_);
    needs_seed_ = true;
    touched_ = false;
    last_request_ = 0;
    return true;
}

// When nobody reads their clocks any more.
void Core::drop_lost_cells() noexcept {
    if (lost_cells_.empty()) return;
    clock_.follow(cell_.get());
    lost_cells_.clear();
}

// Why an invocation that no monitor ended did not succeed.
Error Core::explain(std::string_view handler, ExchangeEnd stop, const Answer& answer, const Verdict& verdict) {
    const bool gave_no_result = stop == ExchangeEnd::completed && answer.kind != MessageKind::failed;
    if (gave_no_result) poisoned_ = true;
    const FindSource find = [this](std::string_view file) {
        return find_source(sources_.get(), services_.environment()->modules.get(), file);
    };
    Error error = sandbox::explain(stop, answer,
                                   {.cell = cell_.get(),
                                    .complaint = complaint_,
                                    .heap_size = settings_.heap_size,
                                    .usage = verdict.usage,
                                    .find_source = find});
    if (gave_no_result && answer.kind != MessageKind::abort) alarms_.broken_protocol(error.message, handler);
    show_sources(error);
    return error;
}

Result<EventResult> Core::call(std::string_view handler, std::string_view event, MonitorList monitors,
                               const CallOptions& options) {
    if (auto fit = check_call(handler, event, options.format); !fit) return std::unexpected(std::move(fit.error()));
    InvocationScope invocation(life_.events(), handler, options.collect_garbage, &options.context);
    auto done = invoke(handler, event, monitors, options);
    if (done) {
        invocation.completed(done->usage);
    } else {
        invocation.failed(done.error());
    }
    return done;
}

Result<void> Core::check_call(std::string_view handler, std::string_view event, ValueFormat format) const {
    if (poisoned_) {
        return fail(ErrorCode::poisoned, "an earlier invocation was cut short; restore or unload this sandbox first");
    }
    if (std::ranges::find(handlers_, handler) == handlers_.end()) {
        return fail(ErrorCode::invalid_argument, "there is no handler named " + base::in_quotes(handler));
    }
    return check_event(event, format);
}

// A call that its sandbox is fit for.
Result<EventResult> Core::invoke(std::string_view handler, std::string_view event, MonitorList monitors,
                                 const CallOptions& options) {
    return invoke_by(call_request(handler, event), "the event", handler, monitors, options);
}

// `what` the request carries.
Result<EventResult> Core::invoke_by(const Request& request, std::string_view what, std::string_view handler,
                                    MonitorList monitors, const CallOptions& options) {
    ExchangeEnd stop = ExchangeEnd::completed;
    Answer answer{};
    auto work = [&](const Invocation&) { stop = ask(with_options(request, options), answer); };
    Verdict verdict = run(handler, monitors, options, stop, work);
    return result_of(handler, {what, request.payload.size(), options.format}, stop, answer, verdict);
}

// What an invocation of a handler comes to.
Result<EventResult> Core::result_of(std::string_view handler, const Carried& carried, ExchangeEnd stop, Answer& answer,
                                    Verdict& verdict) {
    if (verdict.ending != Ending::completed) return std::unexpected(std::move(verdict.error));
    if (stop == ExchangeEnd::completed && answer.kind == MessageKind::done) {
        const char* const wrong = what_is_wrong_with(answer, carried.format);
        if (wrong == nullptr) return EventResult{std::move(answer.payload), verdict.usage, carried.format};
        stop = ExchangeEnd::protocol;
        poisoned_ = true;
        complaint_ = std::string("the guest broke the call protocol: its result is ") + wrong;
        alarms_.broken_protocol(complaint_, handler);
    }
    Error error = explain(handler, stop, answer, verdict);
    if (stop == ExchangeEnd::refused) {
        error.message = std::string(carried.what) + " of " + std::to_string(carried.size) +
                        " bytes was not delivered: " + error.message;
    }
    return std::unexpected(std::move(error));
}

}  // namespace curfew::sandbox
