// What the processor can do: part of an image's key.
#include <cpuid.h>
#include <sys/auxv.h>

#include <array>
#include <cstdint>
#include <cstdio>

#include "engine/node/image_key.h"

namespace curfew::engine {

namespace {

struct Leaf {
    unsigned number, part;
};
struct Registers {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(Leaf leaf) {
    Registers all;
    if (__get_cpuid_count(leaf.number, leaf.part, &all.eax, &all.ebx, &all.ecx, &all.edx) == 0) return {};
    return all;
}

// Which registers' state the system saves.
std::uint64_t saved_state() {
    std::uint32_t low = 0, high = 0;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return std::uint64_t{high} << 32 | low;
}

std::string hexadecimal(std::uint64_t number) {
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%llx", static_cast<unsigned long long>(number));
    return digits.data();
}

}  // namespace

std::string describe_processor() {
    constexpr unsigned kExtended = 0x80000000;
    // Not all of leaf 1: its EAX and EBX say which processor this is, and which of its cores runs this.
    const Registers basic = cpuid({1, 0});
    const Registers extended = cpuid({7, 0}), more = cpuid({7, 1});
    const Registers vendor = cpuid({kExtended + 1, 0}), sizes = cpuid({kExtended + 8, 0});
    const bool saves_state = (basic.ecx & bit_OSXSAVE) != 0;
    std::string text = "cpu";
    for (const std::uint32_t word : {basic.ecx, basic.edx, extended.ebx, extended.ecx, extended.edx, more.eax, more.ebx,
                                     more.edx, vendor.ecx, vendor.edx, sizes.ebx, cpuid({0xd, 1}).eax}) {
        text += " " + hexadecimal(word);
    }
    text += " " + hexadecimal(saves_state ? saved_state() : 0);
    text += " " + hexadecimal(::getauxval(AT_HWCAP)) + " " + hexadecimal(::getauxval(AT_HWCAP2)) + "\n";
    return text;
}

}  // namespace curfew::engine
