// How the end of a cell reads.
#include "cell/process/fault_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <signal.h>

#include <cerrno>

namespace curfew::cell {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::uint64_t kHeap = 16 << 20, kStack = 64 << 10;
constexpr MemorySizes kSizes{.heap = kHeap, .stack = kStack};

std::string memory_fault(std::uint64_t address) {
    return describe_fault({.signal = SIGSEGV,
                           .code = SEGV_MAPERR,
                           .address = address,
                           .instruction = 0x10080123,
                           .system_call = 0,
                           .architecture = 0},
                          kSizes);
}

std::string forbidden_call(std::uint32_t number, std::uint32_t architecture) {
    return describe_fault({.signal = SIGSYS,
                           .code = 1,
                           .address = 0,
                           .instruction = 0x10000042,
                           .system_call = number,
                           .architecture = architecture},
                          kSizes);
}

std::string other_fault(std::uint32_t signal, std::uint32_t code = 1) {
    return describe_fault(
        {.signal = signal, .code = code, .address = 0, .instruction = 0x10080999, .system_call = 0, .architecture = 0},
        kSizes);
}

TEST(FaultReport, SaysWhereAnAddressLies) {
    EXPECT_EQ(memory_fault(8), "the guest touched address 0x8, a null pointer, at instruction 0x10080123");
    EXPECT_THAT(memory_fault(4095), HasSubstr("a null pointer"));
    EXPECT_THAT(memory_fault(wire::kHeapBase + kHeap), HasSubstr("beyond its heap"));
    EXPECT_THAT(memory_fault(wire::kHeapBase + wire::kMaxHeapSize - 1), HasSubstr("beyond its heap"));
    EXPECT_THAT(memory_fault(wire::kHeapBase - 1), HasSubstr("below its heap"));
    EXPECT_THAT(memory_fault(wire::kStackTop - kStack - 1), HasSubstr("a stack overflow"));
    EXPECT_THAT(memory_fault(wire::kStackTop - wire::kMaxStackSize), HasSubstr("a stack overflow"));
    EXPECT_THAT(memory_fault(wire::kStackTop), HasSubstr("above its stack"));
    EXPECT_THAT(memory_fault(wire::kImageBase), HasSubstr("in its image"));
    EXPECT_THAT(memory_fault(wire::kMailboxBase), HasSubstr("outside of what it may do there"));
    EXPECT_THAT(memory_fault(~std::uint64_t{0}), HasSubstr("0xffffffffffffffff"));
}

TEST(FaultReport, NamesTheSystemCallAndItsEntry) {
    EXPECT_EQ(forbidden_call(59, AUDIT_ARCH_X86_64),
              "the guest made the forbidden system call 59 at instruction 0x10000042");
    EXPECT_THAT(forbidden_call(11, AUDIT_ARCH_I386), HasSubstr("forbidden 32-bit system call 11 at"));
    EXPECT_THAT(forbidden_call(0x40000000 | 520, AUDIT_ARCH_X86_64), HasSubstr("forbidden x32 system call 520 at"));
    EXPECT_THAT(forbidden_call(~0U, AUDIT_ARCH_X86_64), HasSubstr("forbidden system call 4294967295 at"));
}

TEST(FaultReport, NamesTheOtherFaults) {
    EXPECT_THAT(other_fault(SIGSEGV, static_cast<std::uint32_t>(SI_KERNEL)), HasSubstr("a forbidden instruction"));
    EXPECT_THAT(other_fault(SIGILL), HasSubstr("an illegal instruction at instruction 0x10080999"));
    EXPECT_THAT(other_fault(SIGFPE), HasSubstr("divided by zero"));
    EXPECT_THAT(other_fault(SIGTRAP), HasSubstr("a breakpoint instruction"));
    for (const std::uint32_t nonsense : {1U, 9U, 64U, 0x7fffffffU, ~0U}) {
        EXPECT_EQ(other_fault(nonsense), "the guest left a report that makes no sense");
    }
}

TEST(FaultReport, SaysWhatACellCouldNotBeMadeFor) {
    const std::string text = describe_fault({.signal = 0,
                                             .code = ENOMEM,
                                             .address = 0,
                                             .instruction = 0,
                                             .system_call = static_cast<std::uint32_t>(LaunchStep::map),
                                             .architecture = 0},
                                            kSizes);
    EXPECT_THAT(text,
                StartsWith("no isolation is available here: a cell failed at mapping its memory (Cannot allocate"));
    EXPECT_THAT(describe_launch_failure(LaunchStep::seccomp, EINVAL), HasSubstr("CONFIG_SECCOMP_FILTER"));
    for (std::uint32_t step = 0; step <= static_cast<std::uint32_t>(LaunchStep::seccomp) + 3; ++step) {
        EXPECT_THAT(describe_launch_failure(static_cast<LaunchStep>(step), EPERM),
                    HasSubstr("Operation not permitted"));
    }
    EXPECT_THAT(describe_launch_failure(static_cast<LaunchStep>(0xffffffff), 0), HasSubstr("an unknown step"));
}

}  // namespace
}  // namespace curfew::cell
