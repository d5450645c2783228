// SandboxBuilder: what was chosen, and whether it is possible.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include <curfew/engine.h>
#include <curfew/monitor/wall_clock.h>
#include <curfew/sandbox.h>

#include "cell/cgroup.h"
#include "engine/engines.h"
#include "sandbox/config.h"
#include "sandbox/failure.h"
#include "sandbox/host/fetch_module.h"
#include "sandbox/modules/module_resolver.h"
#include "wire/layout.h"

namespace curfew {

using sandbox::fail;

namespace {

using sandbox::Settings;

std::uint64_t whole_pages(std::uint64_t bytes) {
    return (bytes + wire::kPageSize - 1) / wire::kPageSize * wire::kPageSize;
}

// A limit of the same name that the user gave takes its place. One that only warns does not.
void add_unless_there(std::vector<AnyMonitor>& monitors, AnyMonitor monitor) {
    const auto same = [&](const AnyMonitor& other) { return !other.soft() && other.name() == monitor.name(); };
    if (std::ranges::none_of(monitors, same)) monitors.push_back(std::move(monitor));
}

Result<std::shared_ptr<const fetch::Rules>> rules_of(const sandbox::FetchSettings& settings) {
    if (!settings.transport) {
        return fail(ErrorCode::invalid_argument,
                    "with_fetch() was given no transport; give curl_transport() or fetch_transport(FUNCTION)");
    }
    return fetch::Rules::of(settings.policy);
}

}  // namespace

SandboxBuilder::SandboxBuilder() : config_(std::make_unique<sandbox::Config>()) {}
SandboxBuilder::SandboxBuilder(const SandboxBuilder& other)
    : config_(std::make_unique<sandbox::Config>(*other.config_)) {}
SandboxBuilder& SandboxBuilder::operator=(const SandboxBuilder& other) {
    *config_ = *other.config_;
    return *this;
}
SandboxBuilder::~SandboxBuilder() = default;

SandboxBuilder& SandboxBuilder::with_heap_size(std::uint64_t bytes) {
    config_->settings.heap_size = bytes;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_stack_size(std::uint64_t bytes) {
    config_->settings.stack_size = bytes;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_print(PrintFunction print) {
    config_->environment.print = std::move(print);
    config_->environment.context_print = {};
    return *this;
}

SandboxBuilder& SandboxBuilder::with_context_print(ContextPrintFunction print) {
    config_->environment.print = {};
    config_->environment.context_print = std::move(print);
    return *this;
}

SandboxBuilder& SandboxBuilder::with_host_thread(HostThread thread) {
    config_->environment.host_thread = thread;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_call_trace(CallTrace trace) {
    config_->environment.call_trace = std::move(trace);
    return *this;
}

SandboxBuilder& SandboxBuilder::with_fetch(const FetchPolicy& policy, std::shared_ptr<FetchTransport> transport) {
    config_->fetch = std::make_shared<const sandbox::FetchSettings>(policy, std::move(transport));
    return *this;
}

SandboxBuilder& SandboxBuilder::with_host_argument_limit(std::uint64_t bytes) {
    config_->environment.host_argument_limit = bytes;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_open_host_calls(std::size_t most) {
    config_->environment.open_host_calls = most;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_output_limit(std::uint64_t bytes) {
    config_->settings.output_limit = bytes;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_wait_mode(WaitMode mode) {
    config_->settings.wait_mode = mode;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_side_channels(SideChannels side_channels) {
    config_->settings.side_channels = side_channels;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_restore_mode(RestoreMode mode) {
    config_->settings.restore_mode = mode;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_branch_barrier(BranchBarrier barrier) {
    config_->settings.branch_barrier = barrier;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_strict_isolation() {
    return with_side_channels(SideChannels::strict)
        .with_restore_mode(RestoreMode::strict)
        .with_branch_barrier(std::max(config_->settings.branch_barrier, BranchBarrier::where_possible));
}

SandboxBuilder& SandboxBuilder::with_cgroup(CgroupLimits limits) {
    config_->environment.cgroup_limits = std::move(limits);
    return *this;
}

SandboxBuilder& SandboxBuilder::with_engine(Engine engine) {
    config_->settings.engine = engine;
    config_->has_engine = true;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_jitless(bool jitless) {
    config_->jitless = jitless;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_default_monitors(std::vector<AnyMonitor> monitors) {
    config_->environment.default_monitors = std::move(monitors);
    return *this;
}

SandboxBuilder& SandboxBuilder::with_default_wall_limit(std::chrono::nanoseconds limit) {
    config_->default_wall_limit = limit;
    return *this;
}

SandboxBuilder& SandboxBuilder::without_default_wall_limit() {
    config_->default_wall_limit.reset();
    return *this;
}

SandboxBuilder& SandboxBuilder::with_modules(std::shared_ptr<const FileSystem> files) {
    config_->environment.modules = files ? std::make_shared<const sandbox::ModuleResolver>(std::move(files)) : nullptr;
    return *this;
}

SandboxBuilder& SandboxBuilder::with_observer(std::shared_ptr<Observer> observer) {
    if (!observer) throw std::invalid_argument("with_observer() was given no observer (a null pointer)");
    auto& observers = config_->environment.observers;
    auto more =
        observers ? std::make_shared<sandbox::ObserverList>(*observers) : std::make_shared<sandbox::ObserverList>();
    more->push_back(std::move(observer));
    observers = std::move(more);
    return *this;
}

Result<ProtoSandbox> SandboxBuilder::build() const {
    auto config = std::make_unique<sandbox::Config>(*config_);
    sandbox::Settings& settings = config->settings;
    if (settings.heap_size < Settings::kMinHeapSize || settings.heap_size > Settings::kMaxHeapSize) {
        return fail(ErrorCode::invalid_argument,
                    "a heap of " + std::to_string(settings.heap_size) + " bytes is not possible; give 1 MiB to 64 GiB");
    }
    if (settings.stack_size < Settings::kMinStackSize || settings.stack_size > Settings::kMaxStackSize) {
        return fail(ErrorCode::invalid_argument, "a stack of " + std::to_string(settings.stack_size) +
                                                     " bytes is not possible; give 256 KiB to 60 MiB");
    }
    if (!config->has_engine) {
        const auto engine = default_engine();
        if (!engine) return std::unexpected(engine.error());
        settings.engine = *engine;
    }
    settings.jitless = config->jitless.value_or(engine::is_jitless_by_default());
    if (!engine::is_known(settings.engine)) return engine::not_in_this_build(settings.engine);
    const std::optional<std::chrono::nanoseconds>& wall_limit = config->default_wall_limit;
    if (wall_limit && wall_limit->count() <= 0) {
        return fail(ErrorCode::invalid_argument,
                    "a default wall limit of " + std::to_string(wall_limit->count()) +
                        " ns lets nothing run; give a longer one, or none: without_default_wall_limit()");
    }
    auto& monitors = config->environment.default_monitors;
    if (const auto empty = std::ranges::find_if(monitors, &AnyMonitor::empty); empty != monitors.end()) {
        return fail(ErrorCode::invalid_argument, "default monitor " + std::to_string(empty - monitors.begin() + 1) +
                                                     " of " + std::to_string(monitors.size()) +
                                                     " was moved from, so it holds no monitor; use a copy");
    }
    if (auto& limits = config->environment.cgroup_limits) {
        auto parent = cell::Cgroup::find_parent(*limits);
        if (!parent) return std::unexpected(std::move(parent.error()));
        limits->parent = std::move(*parent);
    }
    if (wall_limit) add_unless_there(monitors, WallClockMonitor(*wall_limit));
    settings.heap_size = whole_pages(settings.heap_size);
    settings.stack_size = whole_pages(settings.stack_size);
    const auto wanted = std::exchange(config->fetch, nullptr);
    std::shared_ptr<const fetch::Rules> rules;
    if (wanted) {
        auto checked = rules_of(*wanted);
        if (!checked) return std::unexpected(std::move(checked.error()));
        rules = std::move(*checked);
        config->environment.open_host_calls += sandbox::open_calls_of(wanted->policy);
    }
    config->life.made(SandboxStage::proto, image_kind(settings), config->environment.observers);
    ProtoSandbox made(std::move(config));
    if (wanted) sandbox::add_fetch(made.host_module(sandbox::kFetchModule), std::move(rules), wanted->transport);
    return made;
}

}  // namespace curfew
