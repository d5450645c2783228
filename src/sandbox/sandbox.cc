// The public classes: thin states around sandbox::Core.
#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

#include <curfew/host_module.h>
#include <curfew/monitor/wall_clock.h>
#include <curfew/pending_invocation.h>
#include <curfew/sandbox.h>

#include "base/name.h"
#include "base/text.h"
#include "base/utf8.h"
#include "engine/engines.h"
#include "sandbox/config.h"
#include "sandbox/core.h"
#include "sandbox/failure.h"
#include "sandbox/host/declarations.h"
#include "sandbox/modules/module_path.h"
#include "sandbox/modules/module_resolver.h"
#include "sandbox/names.h"
#include "sandbox/saved_settings.h"
#include "sandbox/usable.h"
#include "wire/layout.h"

namespace curfew {

// The handles that ProtoSandbox gave out. They stay where they are.
struct sandbox::HostModules {
    std::map<std::string, HostModule, std::less<>> by_name;
};

using sandbox::check_idle;
using sandbox::check_not_pending;
using sandbox::check_usable;
using sandbox::consumed;
using sandbox::fail;

namespace {

using sandbox::Settings;

// Whether a snapshot is one of the class of sandbox that it is for.
Result<void> check_kind(const Snapshot& snapshot, SnapshotKind wanted) {
    if (!snapshot.state()) return consumed("Snapshot");
    if (snapshot.kind() == wanted) return {};
    return fail(ErrorCode::invalid_argument,
                wanted == SnapshotKind::sandbox
                    ? "the snapshot is of a LoadedSandbox; it is for LoadedSandbox::from_snapshot and restore"
                    : "the snapshot is of a Sandbox, which has loaded nothing; it is for Sandbox::from_snapshot and "
                      "restore");
}

std::unexpected<Error> taken(std::string_view name) {
    return fail(ErrorCode::invalid_argument, "there is a handler named " + base::in_quotes(name) + " already");
}

Result<void> check_script(std::string_view whose, const Script& script) {
    if (!base::is_utf8(script.source())) {
        return fail(ErrorCode::invalid_argument, std::string(whose) + " is not UTF-8 text");
    }
    if (!sandbox::is_script_name(script.name())) {
        return fail(ErrorCode::invalid_argument,
                    std::string(whose) + " has a name that is not possible; give UTF-8 without NUL, up to " +
                        std::to_string(FileSystem::kLongestPath) + " bytes");
    }
    return {};
}

// Whether a sandbox with so many handlers can have one more, of this name and script.
Result<void> check_handler(const std::string& name, const Script& script, std::size_t handlers) {
    if (auto checked = base::check_name("a handler", name); !checked) return checked;
    if (handlers >= Sandbox::kMaxHandlers) {
        return fail(ErrorCode::invalid_argument, "a sandbox has room for " + std::to_string(Sandbox::kMaxHandlers) +
                                                     " handlers; put " + base::in_quotes(name) +
                                                     " into another sandbox");
    }
    return check_script("the script of handler " + base::in_quotes(name), script);
}

// Scripts are told apart by their names when they import something, as in stack traces.
Result<void> settle_folder(const std::string& handler, Script& script,
                           const std::vector<std::pair<std::string, Script>>& noted) {
    const auto folder = sandbox::join("/", script.folder());
    if (!folder || (!script.folder().empty() && !script.folder().starts_with('/'))) {
        return fail(ErrorCode::invalid_argument, "the script of handler " + base::in_quotes(handler) +
                                                     " has the base " + base::in_quotes(script.folder()) +
                                                     "; give an absolute path like \"/app\" to with_virtual_base()");
    }
    if (!script.folder().empty()) script = std::move(script).with_virtual_base(*folder);
    for (const auto& [name, other] : noted) {
        if (other.name() != script.name() || other.folder() == script.folder()) continue;
        return fail(ErrorCode::invalid_argument, "the scripts of the handlers " + base::in_quotes(name) + " and " +
                                                     base::in_quotes(handler) + " are both named " +
                                                     base::in_quotes(script.name()) +
                                                     ", but lie in different folders; give one of them another name: "
                                                     "Script::from_content(source, name)");
    }
    return {};
}

}  // namespace

// --- ProtoSandbox ---

ProtoSandbox::ProtoSandbox(std::unique_ptr<sandbox::Config> config)
    : config_(std::move(config)), host_modules_(std::make_unique<sandbox::HostModules>()) {}
ProtoSandbox::ProtoSandbox(ProtoSandbox&&) noexcept = default;
ProtoSandbox& ProtoSandbox::operator=(ProtoSandbox&&) noexcept = default;
ProtoSandbox::~ProtoSandbox() = default;

Result<ProtoSandbox> ProtoSandbox::copy() const {
    if (!config_) return consumed("ProtoSandbox");
    return ProtoSandbox(std::make_unique<sandbox::Config>(*config_));
}

HostModule& ProtoSandbox::host_module(std::string_view name) {
    if (!config_) throw std::logic_error("host_module() was called on a ProtoSandbox that was consumed or moved from");
    auto& modules = host_modules_->by_name;
    if (const auto found = modules.find(name); found != modules.end()) return found->second;
    return modules.try_emplace(std::string(name), std::string(name), config_->environment.functions).first->second;
}

std::string ProtoSandbox::describe() const {
    if (!config_) throw std::logic_error("describe() was called on a ProtoSandbox that was consumed or moved from");
    const auto& functions = config_->environment.functions;
    if (!functions) return {};
    return sandbox::declarations(functions->shapes(), [this](std::string_view module) {
        const auto found = host_modules_->by_name.find(module);
        return found == host_modules_->by_name.end() ? nullptr : found->second.descriptions_.get();
    });
}

Result<Sandbox> ProtoSandbox::load_runtime() && {
    if (!config_) return consumed("ProtoSandbox");
    auto core = sandbox::Core::start(*config_);
    if (!core) return std::unexpected(core.error());
    host_modules_.reset();
    config_.reset();
    return Sandbox(std::move(*core));
}

// --- Sandbox ---

Sandbox::Sandbox(std::unique_ptr<sandbox::Core> core) : core_(std::move(core)) {}
Sandbox::Sandbox(Sandbox&&) noexcept = default;
Sandbox& Sandbox::operator=(Sandbox&&) noexcept = default;
Sandbox::~Sandbox() = default;

Result<void> Sandbox::add_handler(std::string name, Script script) {
    if (!core_) return consumed("Sandbox");
    auto& noted = core_->noted();
    if (auto checked = check_handler(name, script, noted.size()); !checked) return checked;
    if (std::ranges::any_of(noted, [&](const auto& other) { return other.first == name; })) return taken(name);
    if (auto settled = settle_folder(name, script, noted); !settled) return settled;
    noted.emplace_back(std::move(name), std::move(script));
    return {};
}

Result<void> Sandbox::remove_handler(std::string_view name) {
    if (!core_) return consumed("Sandbox");
    if (std::erase_if(core_->noted(), [&](const auto& other) { return other.first == name; }) == 0) {
        return fail(ErrorCode::invalid_argument, "there is no handler named " + base::in_quotes(name));
    }
    return {};
}

void Sandbox::clear_handlers() noexcept {
    if (core_) core_->noted().clear();
}

Result<Snapshot> Sandbox::snapshot() {
    if (auto usable = check_usable(core_.get(), "Sandbox"); !usable) return std::unexpected(usable.error());
    return Snapshot(core_->save_noted());
}

Result<void> Sandbox::restore(const Snapshot& snapshot) {
    if (auto usable = check_usable(core_.get(), "Sandbox"); !usable) return usable;
    if (auto fits = check_kind(snapshot, SnapshotKind::sandbox); !fits) return fits;
    return core_->restore_noted(*snapshot.state());
}

Result<void> Sandbox::add_module(std::string_view name, std::string source, std::string_view space) {
    if (!core_) return consumed("Sandbox");
    auto specifier = sandbox::module_specifier(name, space);
    if (!specifier) return std::unexpected(std::move(specifier.error()));
    if (!base::is_utf8(source)) {
        return fail(ErrorCode::invalid_argument, "the module " + base::in_quotes(*specifier) + " is not UTF-8 text");
    }
    auto& noted = core_->noted_modules();
    if (noted.contains(*specifier)) {
        return fail(ErrorCode::invalid_argument, "there is a module " + base::in_quotes(*specifier) + " already");
    }
    if (noted.size() >= sandbox::kMaxNamedModules) {
        return fail(ErrorCode::invalid_argument,
                    "a sandbox has room for " + std::to_string(sandbox::kMaxNamedModules) + " modules with names");
    }
    noted.emplace(std::move(*specifier), std::move(source));
    return {};
}

Result<void> Sandbox::remove_module(std::string_view name, std::string_view space) {
    if (!core_) return consumed("Sandbox");
    const auto specifier = sandbox::module_specifier(name, space);
    if (!specifier) return std::unexpected(specifier.error());
    if (core_->noted_modules().erase(*specifier) == 0) {
        return fail(ErrorCode::invalid_argument, "there is no module " + base::in_quotes(*specifier));
    }
    return {};
}

void Sandbox::clear_modules() noexcept {
    if (core_) core_->noted_modules().clear();
}

Result<LoadedSandbox> Sandbox::load_without_handlers() && {
    if (auto usable = check_usable(core_.get(), "Sandbox"); !usable) return std::unexpected(usable.error());
    if (auto loaded = core_->load_nothing(); !loaded) return std::unexpected(loaded.error());
    return LoadedSandbox(std::move(core_));
}

Result<LoadedSandbox> Sandbox::load_with(MonitorList monitors) {
    if (auto usable = check_usable(core_.get(), "Sandbox"); !usable) return std::unexpected(usable.error());
    if (auto loaded = core_->load(monitors); !loaded) return std::unexpected(loaded.error());
    return LoadedSandbox(std::move(core_));
}

InterruptHandle Sandbox::interrupt_handle() const {
    return InterruptHandle(core_ ? core_->kill_switch() : KillSwitch());
}

// --- LoadedSandbox ---

LoadedSandbox::LoadedSandbox(std::unique_ptr<sandbox::Core> core) : core_(std::move(core)) {}
LoadedSandbox::LoadedSandbox(LoadedSandbox&&) noexcept = default;
LoadedSandbox& LoadedSandbox::operator=(LoadedSandbox&&) noexcept = default;
LoadedSandbox::~LoadedSandbox() = default;

namespace {

// That of SandboxBuilder().build().
std::shared_ptr<const sandbox::Environment> default_environment() {
    auto environment = std::make_shared<sandbox::Environment>();
    environment->default_monitors.emplace_back(WallClockMonitor(SandboxBuilder::kDefaultWallLimit));
    return environment;
}

}  // namespace

namespace {

using CorePointer = std::unique_ptr<sandbox::Core>;

// At the saved sandbox's own host, or at the one of a builder that was told nothing.
Result<CorePointer> start_from(const Snapshot& snapshot, SnapshotKind kind) {
    if (auto fits = check_kind(snapshot, kind); !fits) return std::unexpected(fits.error());
    // One that was read from a file has nothing of its host.
    const auto& saved = snapshot.state()->environment;
    if (!saved && !snapshot.state()->host_functions.empty()) {
        return fail(ErrorCode::invalid_argument,
                    "the snapshot was read from a file, and is of a sandbox with host "
                    "functions; pass from_snapshot a ProtoSandbox that has them");
    }
    if (!saved) {
        const Settings by_default{.jitless = engine::is_jitless_by_default()};
        if (auto fits = sandbox::check_sizes(snapshot.state()->settings, by_default); !fits)
            return std::unexpected(fits.error());
        if (auto fits = sandbox::check_compiler(snapshot.state()->settings, by_default); !fits)
            return std::unexpected(fits.error());
    }
    return saved ? sandbox::Core::start(*snapshot.state(), snapshot.state()->settings, saved)
                 : sandbox::Core::start(*snapshot.state(), sandbox::under(Settings{}, snapshot.state()->settings),
                                        default_environment());
}

Result<CorePointer> start_from(const Snapshot& snapshot, SnapshotKind kind, const sandbox::Config* host) {
    if (auto fits = check_kind(snapshot, kind); !fits) return std::unexpected(fits.error());
    if (host == nullptr) return consumed("ProtoSandbox");
    if (auto fits = sandbox::check_sizes(snapshot.state()->settings, host->settings); !fits)
        return std::unexpected(fits.error());
    if (auto fits = sandbox::check_compiler(snapshot.state()->settings, host->settings); !fits)
        return std::unexpected(fits.error());
    return sandbox::Core::start(*snapshot.state(), sandbox::under(host->settings, snapshot.state()->settings),
                                std::make_shared<const sandbox::Environment>(host->environment));
}

}  // namespace

Result<LoadedSandbox> LoadedSandbox::from_snapshot(const Snapshot& snapshot) {
    auto core = start_from(snapshot, SnapshotKind::loaded_sandbox);
    if (!core) return std::unexpected(core.error());
    return LoadedSandbox(std::move(*core));
}

Result<LoadedSandbox> LoadedSandbox::from_snapshot(const Snapshot& snapshot, const ProtoSandbox& host) {
    auto core = start_from(snapshot, SnapshotKind::loaded_sandbox, host.config_.get());
    if (!core) return std::unexpected(core.error());
    return LoadedSandbox(std::move(*core));
}

Result<Sandbox> Sandbox::from_snapshot(const Snapshot& snapshot) {
    auto core = start_from(snapshot, SnapshotKind::sandbox);
    if (!core) return std::unexpected(core.error());
    return Sandbox(std::move(*core));
}

Result<Sandbox> Sandbox::from_snapshot(const Snapshot& snapshot, const ProtoSandbox& host) {
    auto core = start_from(snapshot, SnapshotKind::sandbox, host.config_.get());
    if (!core) return std::unexpected(core.error());
    return Sandbox(std::move(*core));
}

Result<EventResult> LoadedSandbox::handle_event_with(std::string_view handler, std::string_view event,
                                                     MonitorList monitors, CallOptions options) {
    if (auto usable = check_idle(core_.get(), "LoadedSandbox"); !usable) return std::unexpected(usable.error());
    return core_->call(handler, event, monitors, options);
}

Result<EventResult> LoadedSandbox::evaluate_with(const Script& program, MonitorList monitors,
                                                 const CallOptions& options) {
    if (auto usable = check_idle(core_.get(), "LoadedSandbox"); !usable) return std::unexpected(usable.error());
    if (auto checked = check_script("the program", program); !checked) return std::unexpected(checked.error());
    Script settled = program;
    if (auto done = settle_folder(program.name(), settled, {}); !done) return std::unexpected(done.error());
    return core_->evaluate(settled, monitors, options);
}

Result<void> LoadedSandbox::add_handler_with(std::string name, Script script, MonitorList monitors) {
    if (auto usable = check_idle(core_.get(), "LoadedSandbox"); !usable) return usable;
    const auto& handlers = core_->handlers();
    if (auto checked = check_handler(name, script, handlers.size()); !checked) return checked;
    if (std::ranges::find(handlers, name) != handlers.end()) return taken(name);
    if (auto settled = settle_folder(name, script, {}); !settled) return settled;
    return core_->add_handler(std::move(name), script, monitors);
}

Result<void> LoadedSandbox::remove_handler(std::string_view name) {
    if (auto usable = check_idle(core_.get(), "LoadedSandbox"); !usable) return usable;
    if (!core_->remove_handler(name)) {
        return fail(ErrorCode::invalid_argument, "there is no handler named " + base::in_quotes(name));
    }
    return {};
}

Result<PendingInvocation> LoadedSandbox::begin_event_with(std::string_view handler, std::string_view event,
                                                          sandbox::HeldMonitors monitors, CallOptions options) {
    if (auto idle = check_idle(core_.get(), "LoadedSandbox"); !idle) return std::unexpected(idle.error());
    auto begun = core_->begin(handler, event, std::move(monitors), std::move(options));
    if (!begun) return std::unexpected(std::move(begun.error()));
    return PendingInvocation(std::move(*begun));
}

Result<PendingInvocation> LoadedSandbox::continue_event_with(sandbox::HeldMonitors monitors, CallOptions options) {
    if (auto free = check_not_pending(core_.get(), "LoadedSandbox"); !free) return std::unexpected(free.error());
    auto begun = core_->continue_saved(std::move(monitors), std::move(options));
    if (!begun) return std::unexpected(std::move(begun.error()));
    return PendingInvocation(std::move(*begun));
}

bool LoadedSandbox::waits() const noexcept { return core_ && core_->is_saved_waiting(); }

Result<Snapshot> LoadedSandbox::snapshot() {
    if (auto usable = check_usable(core_.get(), "LoadedSandbox"); !usable) return std::unexpected(usable.error());
    auto state = core_->save();
    if (!state) return std::unexpected(state.error());
    return Snapshot(std::move(*state));
}

Result<void> LoadedSandbox::restore(const Snapshot& snapshot) {
    if (auto usable = check_not_pending(core_.get(), "LoadedSandbox"); !usable) return std::unexpected(usable.error());
    if (auto fits = check_kind(snapshot, SnapshotKind::loaded_sandbox); !fits) return fits;
    return core_->restore(*snapshot.state());
}

Result<Sandbox> LoadedSandbox::unload() && {
    if (auto usable = check_not_pending(core_.get(), "LoadedSandbox"); !usable) return std::unexpected(usable.error());
    if (auto done = core_->unload(); !done) return std::unexpected(done.error());
    return Sandbox(std::move(core_));
}

bool LoadedSandbox::poisoned() const noexcept { return core_ && core_->poisoned(); }

std::vector<std::string> LoadedSandbox::handlers() const {
    return core_ ? core_->handlers() : std::vector<std::string>();
}

Engine LoadedSandbox::engine() const noexcept { return core_ ? core_->engine() : engines().front().engine; }

InterruptHandle LoadedSandbox::interrupt_handle() const {
    return InterruptHandle(core_ ? core_->kill_switch() : KillSwitch());
}

}  // namespace curfew
