#include "cell/process/layers.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "cell/failure.h"
#include "cell/process/spawner.h"

namespace curfew::cell {

namespace {

std::string reason(const LayerState& state) {
    if (state.error == 0) return "it was put up, but does not hold";
    return std::generic_category().message(state.error);
}

std::string describe_landlock(const LayerState& state) {
    if (state.kind == LayerState::on) {
        std::string text = "cells cannot open files";
        if (state.detail >= 4) text += ", nor speak TCP";
        if (state.detail >= 6) text += ", nor signal other processes or use their abstract sockets";
        return text + " (version " + std::to_string(state.detail) + ")";
    }
    switch (state.error) {
        case ENOSYS: return reason(state) + "; it comes with Linux 5.13 (CONFIG_SECURITY_LANDLOCK)";
        case EOPNOTSUPP: return reason(state) + "; boot the kernel with landlock in the list of lsm=";
        case EPERM: return reason(state) + "; let the container's seccomp profile allow landlock_create_ruleset";
        default: return reason(state);
    }
}

std::string describe_store_bypass(const LayerState& state) {
    switch (state.kind) {
        case LayerState::on: return "loads do not pass stores in cells (speculative store bypass)";
        case LayerState::unneeded: return "loads do not pass stores (speculative store bypass) on this processor";
        case LayerState::absent: break;
    }
    const std::string refused = reason(state) + ": loads may pass stores in cells (speculative store bypass); ";
    if (state.error == EPERM || state.error == EACCES) {
        return refused + "let the container's seccomp profile allow prctl(PR_SET_SPECULATION_CTRL)";
    }
    return refused +
           "the processor, or the virtual machine, does not offer to switch it off (ssbd), or the kernel was told to "
           "leave it";
}

std::string describe_branch_barrier(const LayerState& state) {
    constexpr std::uint32_t kByChoice = 1;  // PR_SPEC_PRCTL
    switch (state.kind) {
        case LayerState::on:
            return (state.detail & kByChoice) != 0
                       ? "branches of others are not predicted from in cells that ask for it "
                         "(SandboxBuilder::with_branch_barrier, --branch-barrier, --strict)"
                       : "branches of others are not predicted from in any process";
        case LayerState::unneeded: return "branches of others are not predicted from on this processor";
        case LayerState::absent: break;
    }
    constexpr auto* kConsequence =
        ": branches of others may be predicted from in all cells (indirect branch prediction)";
    if (state.error == 0) {
        return std::string("not offered") + kConsequence +
               "; the processor, or the virtual machine, has no such barrier (ibpb), or the kernel was told to leave "
               "it "
               "(spectre_v2_user=)";
    }
    const std::string refused = reason(state) + kConsequence;
    if (state.error == EPERM || state.error == EACCES) {
        return refused + "; let the container's seccomp profile allow prctl(PR_GET_SPECULATION_CTRL)";
    }
    return refused + "; it comes with Linux 4.20";
}

std::string describe_own_user(const LayerState& state) {
    switch (state.kind) {
        case LayerState::on: return "cells have a user of their own, " + std::to_string(kCellUser);
        case LayerState::unneeded: return "cells have the host's user, which is not root";
        case LayerState::absent: break;
    }
    constexpr auto* kConsequence = "; cells have the host's user, root, without its capabilities";
    if (state.error == 0) {
        return std::string("the host would need the capabilities CAP_KILL, CAP_SYS_PTRACE and CAP_SYS_NICE") +
               kConsequence;
    }
    return reason(state) + kConsequence;
}

std::string describe_namespace(const LayerState& state, const char* what_it_does) {
    if (state.kind != LayerState::absent) return what_it_does;
    switch (state.error) {
        case EPERM:
        case EACCES:
            return reason(state) +
                   "; let the container's profiles (seccomp, AppArmor) allow it, or a sysctl: "
                   "kernel.apparmor_restrict_unprivileged_userns must be 0, kernel.unprivileged_userns_clone 1";
        case ENOSPC: return reason(state) + "; raise the sysctl user.max_*_namespaces";
        case EUSERS: return reason(state) + "; namespaces of this kind cannot be nested deeper";
        default: return reason(state);
    }
}

std::string describe_new_call(const LayerState& state, const char* what_it_does, const char* since) {
    if (state.kind != LayerState::absent) return what_it_does;
    return reason(state) + "; it comes with Linux " + since + ", and the container's seccomp profile must allow it";
}

std::string_view name_of(Layer layer) {
    switch (layer) {
        case Layer::landlock: return "landlock";
        case Layer::store_bypass: return "ssb";
        case Layer::branch_barrier: return "ibpb";
        case Layer::own_user: return "own-user";
        case Layer::user_namespace: return "user-ns";
        case Layer::empty_root: return "mount-ns";
        case Layer::network: return "network-ns";
        case Layer::ipc: return "ipc-ns";
        case Layer::pids: return "pid-ns";
        case Layer::fixed_code: return "mdwe";
        case Layer::sealed_memory: return "mseal";
    }
    return {};
}

std::string describe(Layer layer, const LayerState& state) {
    switch (layer) {
        case Layer::landlock: return describe_landlock(state);
        case Layer::store_bypass: return describe_store_bypass(state);
        case Layer::branch_barrier: return describe_branch_barrier(state);
        case Layer::own_user: return describe_own_user(state);
        case Layer::user_namespace:
            return describe_namespace(state, "no capability is of use in cells outside of them");
        case Layer::empty_root: return describe_namespace(state, "the root of cells is an empty folder");
        case Layer::network: return describe_namespace(state, "cells have no network");
        case Layer::ipc:
            return describe_namespace(state, "cells share no message queues and memory by System V or POSIX");
        case Layer::pids: return describe_namespace(state, "cells see no process outside");
        case Layer::fixed_code:
            return describe_new_call(state, "no memory of cells becomes executable any more", "6.3");
        case Layer::sealed_memory:
            return describe_new_call(state, "code and saved state of cells keep their places and protection", "6.10");
    }
    return {};
}

}  // namespace

std::vector<Requirement> describe_layers(const LayerStates& states) {
    std::vector<Requirement> described;
    for (std::uint32_t i = 0; i < kLayers; ++i) {
        const auto layer = static_cast<Layer>(i);
        const LayerState& state = states[layer];
        described.push_back({std::string(name_of(layer)), state.kind != LayerState::absent, describe(layer, state)});
    }
    return described;
}

std::vector<Requirement> process_layers() {
    const auto states = Spawner::instance().layers();
    if (states) return describe_layers(*states);
    std::vector<Requirement> none = describe_layers({});
    for (Requirement& layer : none) layer.detail = "there are no cells";
    return none;
}

Result<bool> puts_up_branch_barrier(BranchBarrier wanted) {
    if (wanted == BranchBarrier::none) return false;
    const auto states = Spawner::instance().layers();
    if (!states) return std::unexpected(states.error());
    const LayerState& state = (*states)[Layer::branch_barrier];
    if (state.kind == LayerState::absent && wanted == BranchBarrier::required) {
        return fail(ErrorCode::unavailable, "a barrier for branch predictions is required, and not to be had here: " +
                                                describe_branch_barrier(state) +
                                                ". Do with SandboxBuilder::with_branch_barrier(BranchBarrier::"
                                                "where_possible), or take a machine that has it.");
    }
    return state.kind == LayerState::on;
}

}  // namespace curfew::cell
