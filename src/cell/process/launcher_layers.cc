#include "cell/process/launcher_layers.h"

#include <asm/errno.h>
#include <linux/prctl.h>

#include "cell/process/kernel.h"
#include "cell/process/shared/address_space.h"

namespace curfew::cell {

namespace {

LayerState absent(long result) { return {LayerState::absent, static_cast<int32_t>(-result), 0}; }

// struct landlock_ruleset_attr of the newest interface. Older kernels take it as long as what they do not know is zero.
struct LandlockRules {
    uint64_t files, network, scopes;
};

// All that the kernel with this version of the interface can restrict.
LandlockRules everything(long version) {
    constexpr int kFirstFileRights = 13;
    constexpr uint64_t kRefer = 1 << 13, kTruncate = 1 << 14, kDeviceControl = 1 << 15;
    constexpr uint64_t kBindAndConnect = 3, kAbstractSocketsAndSignals = 3;
    LandlockRules rules{(1 << kFirstFileRights) - 1, 0, 0};
    if (version >= 2) rules.files |= kRefer;
    if (version >= 3) rules.files |= kTruncate;
    if (version >= 4) rules.network = kBindAndConnect;
    if (version >= 5) rules.files |= kDeviceControl;
    if (version >= 6) rules.scopes = kAbstractSocketsAndSignals;
    return rules;
}

// Newer than the headers of some systems: prctl's since Linux 6.3, the call since 6.10.
constexpr long kSetFixedCode = 65, kGetFixedCode = 66, kRefuseNewCode = 1;  // PR_SET_MDWE, PR_GET_MDWE
constexpr long kSeal = 462;                                                 // SYS_mseal

bool code_can_be_fixed = false, memory_can_be_sealed = false;

}  // namespace

LayerState put_up_landlock() {
    constexpr long kAskForVersion = 1, kDirectory = 0x10000 /* O_RDONLY | O_DIRECTORY */;
    const long version = system_call(SYS_landlock_create_ruleset, 0, 0, kAskForVersion);
    if (version < 0) return absent(version);
    const LandlockRules rules = everything(version);
    const long file = system_call(SYS_landlock_create_ruleset, address_of(&rules), sizeof rules, 0);
    if (file < 0) return absent(file);
    const long result = system_call(SYS_landlock_restrict_self, file, 0);
    system_call(SYS_close, file);
    if (result < 0) return absent(result);
    const long opened = system_call(SYS_open, address_of("/"), kDirectory);
    if (opened >= 0) {
        system_call(SYS_close, opened);
        return absent(0);
    }
    return {LayerState::on, 0, static_cast<uint32_t>(version)};
}

LayerState forbid_store_bypass() {
    const auto look = [] { return system_call(SYS_prctl, PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, 0, 0, 0); };
    long found = look();
    if (found < 0) return absent(found);
    if (found == PR_SPEC_NOT_AFFECTED) return {LayerState::unneeded, 0, 0};
    const long result =
        system_call(SYS_prctl, PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, PR_SPEC_FORCE_DISABLE, 0, 0);
    found = look();
    const bool forbidden = found > 0 && (found & (PR_SPEC_DISABLE | PR_SPEC_FORCE_DISABLE)) != 0;
    if (!forbidden) return absent(result);
    return {LayerState::on, 0, static_cast<uint32_t>(found)};
}

namespace {

long look_at_branch_barrier() {
    return system_call(SYS_prctl, PR_GET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, 0, 0, 0);
}

bool has_branch_barrier(long found) { return found > 0 && (found & (PR_SPEC_DISABLE | PR_SPEC_FORCE_DISABLE)) != 0; }

}  // namespace

// Without PR_SPEC_PRCTL the kernel has decided for all processes.
LayerState find_branch_barrier() {
    const long found = look_at_branch_barrier();
    if (found < 0) return absent(found);
    if (found == PR_SPEC_NOT_AFFECTED) return {LayerState::unneeded, 0, 0};
    const bool possible = (found & PR_SPEC_PRCTL) != 0 || has_branch_barrier(found);
    return {possible ? LayerState::on : LayerState::absent, 0, static_cast<uint32_t>(found)};
}

long put_up_branch_barrier() {
    const long result =
        system_call(SYS_prctl, PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, PR_SPEC_FORCE_DISABLE, 0, 0);
    if (result < 0) return result;
    const long found = look_at_branch_barrier();
    return has_branch_barrier(found) ? 0 : found < 0 ? found : -EPERM;
}

LayerState find_fixed_code() {
    const long result = system_call(SYS_prctl, kGetFixedCode, 0, 0, 0, 0);
    code_can_be_fixed = result >= 0;
    return code_can_be_fixed ? LayerState{LayerState::on, 0, 0} : absent(result);
}

// Asks for nothing to be sealed.
LayerState find_sealed_memory() {
    const long result = system_call(kSeal, static_cast<long>(kTrampolineBase), 0, 0);
    memory_can_be_sealed = result == 0;
    return memory_can_be_sealed ? LayerState{LayerState::on, 0, 0} : absent(result);
}

long fix_memory(const LaunchRequest& request) {
    constexpr uint32_t kProtWrite = 2;
    long result = code_can_be_fixed ? system_call(SYS_prctl, kSetFixedCode, kRefuseNewCode, 0, 0, 0) : 0;
    if (!memory_can_be_sealed) return result;
    if (result == 0) result = system_call(kSeal, kTrampolineBase, kTrampolineSize, 0);
    for (unsigned i = 0; i < request.mapping_count && result == 0; ++i) {
        const Mapping& mapping = request.mappings[i];
        if ((mapping.protection & kProtWrite) != 0) continue;
        result = system_call(kSeal, static_cast<long>(mapping.address), static_cast<long>(mapping.length), 0);
    }
    return result;
}

}  // namespace curfew::cell
