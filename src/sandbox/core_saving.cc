// How a core's state is saved, and how it goes back to a saved one.
#include <utility>

#include "cell/cell.h"
#include "sandbox/core.h"
#include "sandbox/failure.h"
#include "sandbox/pending/pending_run.h"
#include "sandbox/saved_settings.h"

namespace curfew::sandbox {

Result<void> Core::restore(const SavedState& state) {
    if (auto fits = check_restorable(state.settings, settings_); !fits) return fits;
    if (auto fits = check_host(state); !fits) return fits;
    if (auto done = bring_to(state.memory); !done) return done;
    take_names(state);
    life_.restored();
    return {};
}

// A guest that finds that functions are gone, or are others, would fail at an odd place and time.
Result<void> Core::check_host(const SavedState& state) const {
    if ((named_ && state.memory == named_) || state.environment == services_.environment()) return {};
    const auto missing = what_is_missing(host_functions_of(state), services_.environment()->functions.get());
    if (!missing) return {};
    return fail(ErrorCode::invalid_argument, "the snapshot is of a sandbox with other host functions: " + *missing);
}

// Of what a restored guest has; there is nothing to do when it goes back to the same state again.
void Core::take_names(const SavedState& state) {
    waiting_ = state.waiting;
    if (named_ == state.memory) return;
    named_.reset();
    poisoned_ = true;  // until memory and names are of one state: there may be no room for the names
    handlers_ = state.handlers;
    sources_ = state.sources;
    services_.set_script_folders(state.script_folders);
    services_.set_named_modules(state.named_modules);
    script_maps_ = state.script_maps;
    read_maps_.clear();
    named_ = state.memory;
    poisoned_ = false;
}

Result<std::shared_ptr<const SavedState>> Core::save() {
    if (poisoned_)
        return fail(ErrorCode::poisoned,
                    "an invocation was cut short, so there is no whole state to save; restore or unload first");
    // Nothing has run since the cell was in a saved state: that state is what would be saved again.
    poisoned_ = true;  // until the guest waits for a request again
    auto memory = touched_ ? cell_->snapshot() : Result<std::shared_ptr<const cell::MemoryImage>>(cell_->image());
    if (touched_) {
        if (pending_) {
            clock_.leave_out();
        } else {
            clock_.stop();
        }
        let_rest();
    }
    if (!memory) return std::unexpected(memory.error());
    poisoned_ = false;
    return std::make_shared<const SavedState>(
        SavedState{.memory = std::move(*memory),
                   .settings = settings_,
                   .handlers = handlers_,
                   .script_folders = services_.script_folders(),
                   .environment = environment_to_save(),
                   .sources = sources_,
                   .named_modules = services_.named_modules(),
                   .script_maps = script_maps_,
                   .waiting = pending_ ? std::make_shared<const WaitingState>(pending_->state()) : waiting_});
}

// A pool's leaf is for the pool's own sandboxes.
std::shared_ptr<const Environment> Core::environment_to_save() const {
    const auto& environment = services_.environment();
    return environment->cgroup ? with_cgroup(*environment, nullptr) : environment;
}

std::shared_ptr<const SavedState> Core::save_noted() const {
    SavedState state{.memory = nullptr,
                     .settings = settings_,
                     .handlers = {},
                     .script_folders = {},
                     .environment = environment_to_save(),
                     .named_modules = shared(noted_modules_),
                     .kind = SnapshotKind::sandbox,
                     .noted = noted_};
    for (const auto& [name, script] : noted_) state.handlers.push_back(name);
    return std::make_shared<const SavedState>(std::move(state));
}

Result<void> Core::restore_noted(const SavedState& state) {
    if (auto fits = check_restorable(state.settings, settings_); !fits) return fits;
    if (auto fits = check_host(state); !fits) return fits;
    NotedHandlers noted = state.noted;
    NamedModules modules = state.named_modules ? *state.named_modules : NamedModules();
    if (poisoned_ || touched_) {
        if (auto done = roll_back(); !done) return done;
    }
    noted_ = std::move(noted);
    noted_modules_ = std::move(modules);
    return {};
}

}  // namespace curfew::sandbox
