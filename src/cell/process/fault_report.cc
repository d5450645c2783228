#include "cell/process/fault_report.h"

#include <linux/audit.h>
#include <signal.h>

#include <array>
#include <charconv>
#include <string_view>
#include <system_error>

#include "cell/process/launch.h"

namespace curfew::cell {

namespace {

constexpr std::uint32_t kX32Bit = 0x40000000;

std::string hexadecimal(std::uint64_t value) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    return "0x" + std::string(digits.data(), end);
}

std::string describe_system_call(const wire::Fault& fault) {
    std::string entry = "system call ";
    std::uint32_t number = fault.system_call;
    if (fault.architecture != AUDIT_ARCH_X86_64) {
        entry = "32-bit system call ";
    } else if ((number & kX32Bit) != 0 && number != ~std::uint32_t{0}) {
        entry = "x32 system call ";
        number &= ~kX32Bit;
    }
    return "the guest made the forbidden " + entry + std::to_string(number);
}

// Where an address lies, for a reader who does not know the layout by heart.
std::string_view describe_place(std::uint64_t address, std::uint64_t heap_size, std::uint64_t stack_size) {
    if (address < wire::kPageSize) return "a null pointer";
    if (address >= wire::kHeapBase + heap_size && address < wire::kHeapBase + wire::kMaxHeapSize) {
        return "beyond its heap";
    }
    if (address < wire::kHeapBase && address >= wire::kHeapBase - wire::kPageSize) return "below its heap";
    if (address < wire::kStackTop - stack_size && address >= wire::kStackTop - wire::kMaxStackSize) {
        return "below its stack: a stack overflow";
    }
    if (address >= wire::kStackTop && address < wire::kStackTop + wire::kPageSize) return "above its stack";
    if (address >= wire::kImageBase && address < wire::kImageLimit) return "in its image";
    return "outside of what it may do there";
}

}  // namespace

std::string describe_launch_failure(LaunchStep step, int error) {
    constexpr std::array<std::string_view, 11> kSteps{"an unknown step",
                                                      "tying its life to its host's",
                                                      "mapping its memory",
                                                      "protecting its memory",
                                                      "setting up its signals",
                                                      "setting up its futex",
                                                      "closing its descriptors",
                                                      "dropping the launcher's memory",
                                                      "giving up privileges (no_new_privs)",
                                                      "disabling the time-stamp counter",
                                                      "installing its seccomp filter"};
    const auto index = static_cast<std::size_t>(step);
    const std::string text = "no isolation is available here: a cell failed at " +
                             std::string(kSteps[index < kSteps.size() ? index : 0]) + " (" +
                             std::generic_category().message(error) + "). ";
    if (step == LaunchStep::seccomp) {
        return text + "Use a kernel with CONFIG_SECCOMP_FILTER, and let the container's seccomp profile allow seccomp.";
    }
    return text + "Run `curfew doctor` to see what this machine offers.";
}

std::string describe_fault(const wire::Fault& fault, std::uint64_t heap_size, std::uint64_t stack_size) {
    if (is_launch_failure(fault)) {
        return describe_launch_failure(static_cast<LaunchStep>(fault.system_call), static_cast<int>(fault.code));
    }
    const std::string at = " at instruction " + hexadecimal(fault.instruction);
    switch (fault.signal) {
        case SIGSYS: return describe_system_call(fault) + at;
        case SIGSEGV:
        case SIGBUS:
            if (fault.code == static_cast<std::uint32_t>(SI_KERNEL)) {
                return "the guest used a forbidden instruction or an impossible address" + at;
            }
            return "the guest touched address " + hexadecimal(fault.address) + ", " +
                   std::string(describe_place(fault.address, heap_size, stack_size)) + "," + at;
        case SIGILL: return "the guest ran an illegal instruction" + at;
        case SIGFPE: return "the guest divided by zero or overflowed a division" + at;
        case SIGTRAP: return "the guest ran a breakpoint instruction" + at;
        default: return "the guest left a report that makes no sense";
    }
}

}  // namespace curfew::cell
