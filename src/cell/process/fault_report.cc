#include "cell/process/fault_report.h"

#include <signal.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>

#include "cell/process/shared/launch.h"
#include "cell/process/x86_64/system_call_text.h"

namespace curfew::cell {

namespace {

std::string hexadecimal(std::uint64_t value) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    return "0x" + std::string(digits.data(), end);
}

// Where an address lies, for a reader who does not know the layout by heart.
std::string_view describe_place(std::uint64_t address, std::optional<MemorySizes> linked) {
    constexpr std::string_view kElsewhere = "outside of what it may do there";
    if (address < wire::kPageSize) return "a null pointer";
    if (!linked) return kElsewhere;
    const auto [heap_size, stack_size] = *linked;
    if (address >= wire::kHeapBase + heap_size && address < wire::kHeapBase + wire::kMaxHeapSize) {
        return "beyond its heap";
    }
    if (address < wire::kHeapBase && address >= wire::kHeapBase - wire::kPageSize) return "below its heap";
    if (address < wire::kStackTop - stack_size && address >= wire::kStackTop - wire::kMaxStackSize) {
        return "below its stack: a stack overflow";
    }
    if (address >= wire::kStackTop && address < wire::kStackTop + wire::kPageSize) return "above its stack";
    if (address >= wire::kImageBase && address < wire::kImageLimit) return "in its image";
    return kElsewhere;
}

// A step that a hostile guest made up has no name. The compiler knows of one that was forgotten here.
std::string_view name_of(LaunchStep step) {
    switch (step) {
        case LaunchStep::none: break;
        case LaunchStep::parent_death: return "tying its life to its host's";
        case LaunchStep::map: return "mapping its memory";
        case LaunchStep::protect: return "protecting its memory";
        case LaunchStep::signals: return "setting up its signals";
        case LaunchStep::robust_list: return "setting up its futex";
        case LaunchStep::close: return "closing its descriptors";
        case LaunchStep::unmap: return "dropping the launcher's memory";
        case LaunchStep::privileges: return "giving up privileges (no_new_privs)";
        case LaunchStep::time_stamps: return "disabling the time-stamp counter";
        case LaunchStep::seccomp: return "installing its seccomp filter";
        case LaunchStep::core_dumps: return "switching off core dumps (setrlimit)";
        case LaunchStep::large_pages: return "switching off large pages (PR_SET_THP_DISABLE)";
        case LaunchStep::page_merging: return "switching off the merging of equal pages (PR_SET_MEMORY_MERGE)";
        case LaunchStep::capabilities: return "giving up privileges (capset)";
        case LaunchStep::resource_limits: return "limiting its resources (setrlimit)";
        case LaunchStep::branch_barrier: return "keeping branch predictions apart (PR_SET_SPECULATION_CTRL)";
    }
    return "an unknown step";
}

}  // namespace

std::string describe_launch_failure(LaunchStep step, int error) {
    const std::string text = "no isolation is available here: a cell failed at " + std::string(name_of(step)) + " (" +
                             std::generic_category().message(error) + "). ";
    if (step == LaunchStep::seccomp) {
        return text + "Use a kernel with CONFIG_SECCOMP_FILTER, and let the container's seccomp profile allow seccomp.";
    }
    if (step == LaunchStep::core_dumps || step == LaunchStep::large_pages || step == LaunchStep::page_merging ||
        step == LaunchStep::capabilities || step == LaunchStep::resource_limits) {
        return text + "Let the container's seccomp profile allow it.";
    }
    if (step == LaunchStep::time_stamps) {
        return text +
               "Let the container's seccomp profile allow prctl(PR_SET_TSC), or do without it: "
               "SandboxBuilder::with_side_channels(SideChannels::basic).";
    }
    if (step == LaunchStep::branch_barrier) {
        return text +
               "Let the container's seccomp profile allow prctl(PR_SET_SPECULATION_CTRL), or do without it: "
               "SandboxBuilder::with_branch_barrier(BranchBarrier::none).";
    }
    if (step == LaunchStep::protect && (error == EACCES || error == EPERM)) {
        return text +
               "Something keeps this process from making memory executable, as systemd's "
               "MemoryDenyWriteExecute=yes does: switch it off for this service.";
    }
    return text + "Run `curfew doctor` to see what this machine offers.";
}

std::string describe_fault(const Fault& fault, std::optional<MemorySizes> linked) {
    if (is_launch_failure(fault)) {
        return describe_launch_failure(static_cast<LaunchStep>(fault.system_call), static_cast<int>(fault.code));
    }
    const std::string at = " at instruction " + hexadecimal(fault.instruction);
    switch (fault.signal) {
        case SIGSYS:
            return "the guest made the forbidden " + system_call_text(fault.system_call, fault.architecture) + at;
        case SIGSEGV:
        case SIGBUS:
            if (fault.code == static_cast<std::uint32_t>(SI_KERNEL)) {
                return "the guest used a forbidden instruction or an impossible address" + at;
            }
            return "the guest touched address " + hexadecimal(fault.address) + ", " +
                   std::string(describe_place(fault.address, linked)) + "," + at;
        case SIGILL: return "the guest ran an illegal instruction" + at;
        case SIGFPE: return "the guest divided by zero or overflowed a division" + at;
        case SIGTRAP: return "the guest ran a breakpoint instruction" + at;
        default: return "the guest left a report that makes no sense";
    }
}

}  // namespace curfew::cell
