// A sandbox's settings, and what a snapshot keeps of them.
#ifndef CURFEW_SANDBOX_CONFIG_H
#define CURFEW_SANDBOX_CONFIG_H

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <curfew/engine.h>
#include <curfew/sandbox.h>
#include <curfew/script.h>
#include <curfew/snapshot.h>

#include "cell/memory_image.h"
#include "engine/image.h"
#include "sandbox/code/source_map.h"
#include "sandbox/environment.h"
#include "sandbox/life_record.h"
#include "sandbox/modules/module_resolver.h"
#include "sandbox/modules/named_modules.h"
#include "sandbox/pending/waiting_state.h"
#include "sandbox/script_sources.h"
#include "wire/layout.h"

namespace curfew::sandbox {

// What every sandbox made of a snapshot has in common with the one that was saved. The builder and the reader of snapshot
// files hold to the same bounds.
struct Settings {
    static constexpr std::uint64_t kMinHeapSize = 1 << 20;
    static constexpr std::uint64_t kMaxHeapSize = wire::kMaxHeapSize;
    static constexpr std::uint64_t kMinStackSize = 256 << 10;
    static constexpr std::uint64_t kMaxStackSize = 60 << 20;

    std::uint64_t heap_size = SandboxBuilder::kDefaultHeapSize;
    std::uint64_t stack_size = SandboxBuilder::kDefaultStackSize;
    std::uint64_t output_limit = SandboxBuilder::kDefaultOutputLimit;
    WaitMode wait_mode = WaitMode::automatic;
    Engine engine = Engine::quickjs;
    bool jitless = false;  // as asked for, whatever the engine
    SideChannels side_channels = SideChannels::basic;
    RestoreMode restore_mode = RestoreMode::fast;
    BranchBarrier branch_barrier = BranchBarrier::none;
};

inline engine::ImageKind image_kind(const Settings& settings) { return {settings.engine, settings.jitless}; }

struct FetchSettings;

// Behind SandboxBuilder and ProtoSandbox.
struct Config {
    Settings settings;
    bool has_engine = false;  // it was chosen, and is not the default one
    std::optional<bool> jitless = {};
    Environment environment;
    std::shared_ptr<const FetchSettings> fetch = {};  // until build() has made a host module of it
    std::optional<std::chrono::nanoseconds> default_wall_limit = SandboxBuilder::kDefaultWallLimit;
    LifeRecord life = {};  // as a ProtoSandbox
};

// Handlers that were added and not loaded yet.
using NotedHandlers = std::vector<std::pair<std::string, Script>>;

// Behind Snapshot. Of a sandbox that was not loaded there is no memory: it starts as any other.
struct SavedState {
    std::shared_ptr<const cell::MemoryImage> memory;
    Settings settings;
    std::vector<std::string> handlers;
    ScriptFolders script_folders;
    std::shared_ptr<const Environment> environment;          // of the sandbox that was saved; none if read from a file
    std::vector<HostFunctionShape> host_functions = {};      // if read from a file: those that the saved sandbox had
    std::shared_ptr<const ScriptSources> sources = {};       // none if read from a file
    std::shared_ptr<const NamedModules> named_modules = {};  // none: no module has a name
    std::shared_ptr<const ScriptMaps> script_maps = {};      // none: no script has one
    SnapshotKind kind = SnapshotKind::loaded_sandbox;
    NotedHandlers noted = {};                          // of the kind `sandbox`
    std::shared_ptr<const WaitingState> waiting = {};  // what it was saved in the middle of; none: nothing
};

inline std::vector<HostFunctionShape> host_functions_of(const SavedState& state) {
    if (!state.environment) return state.host_functions;
    return state.environment->functions ? state.environment->functions->shapes() : std::vector<HostFunctionShape>();
}

}  // namespace curfew::sandbox

#endif
