#include "sandbox/saved_settings.h"

#include <algorithm>
#include <string>

#include "sandbox/failure.h"

namespace curfew::sandbox {

Result<void> check_sizes(const Settings& saved, const Settings& host) {
    const auto too_large = [](const char* what, std::uint64_t size, std::uint64_t most) {
        return fail(ErrorCode::invalid_argument,
                    std::string("the snapshot is of a sandbox with a ") + what + " of " + std::to_string(size) +
                        " bytes, and its host allows " + std::to_string(most) +
                        "; to allow it, pass from_snapshot a ProtoSandbox that was built with_" + what + "_size(" +
                        std::to_string(size) + ")");
    };
    if (saved.heap_size > host.heap_size) return too_large("heap", saved.heap_size, host.heap_size);
    if (saved.stack_size > host.stack_size) return too_large("stack", saved.stack_size, host.stack_size);
    return {};
}

Result<void> check_compiler(const Settings& saved, const Settings& host) {
    if (!host.jitless || saved.jitless || saved.engine != Engine::node) return {};
    return fail(ErrorCode::invalid_argument,
                "the snapshot is of a sandbox with V8's compiler, and its host allows none "
                "(SandboxBuilder::with_jitless); make "
                "the snapshot with with_jitless() as well");
}

Settings under(const Settings& host, Settings saved) {
    saved.output_limit = std::min(saved.output_limit, host.output_limit);
    saved.wait_mode = host.wait_mode;
    saved.side_channels = std::max(saved.side_channels, host.side_channels);
    saved.restore_mode = std::max(saved.restore_mode, host.restore_mode);
    saved.branch_barrier = std::max(saved.branch_barrier, host.branch_barrier);
    return saved;
}

Result<void> check_restorable(const Settings& saved, const Settings& sandbox) {
    const auto refuse = [](const std::string& what) {
        return fail(ErrorCode::invalid_argument, "the snapshot is of a sandbox with " + what +
                                                     "; start a new sandbox from it with LoadedSandbox::from_snapshot");
    };
    if (saved.engine != sandbox.engine) return refuse("another engine, " + std::string(name_of(saved.engine)));
    if (image_kind(saved) != image_kind(sandbox)) {
        return refuse(saved.jitless ? "no compiler, which this one has (SandboxBuilder::with_jitless)"
                                    : "a compiler, which this one does without (SandboxBuilder::with_jitless)");
    }
    if (saved.heap_size != sandbox.heap_size || saved.stack_size != sandbox.stack_size) {
        return refuse("another heap or stack size");
    }
    if (saved.side_channels > sandbox.side_channels || saved.restore_mode > sandbox.restore_mode ||
        saved.branch_barrier > sandbox.branch_barrier) {
        return refuse(
            "stricter isolation (SandboxBuilder::with_side_channels, with_restore_mode, with_branch_barrier)");
    }
    return {};
}

}  // namespace curfew::sandbox
