// Proves what the guest's image does not contain: an instruction that enters the kernel, reads a clock or
// touches a port, or a piece of memory that is both writable and executable. Each check is also shown an
// image with the fault planted in it.
#include <elf.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "wire/layout.h"

namespace curfew::guest {
namespace {

using Bytes = std::vector<char>;

Bytes read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
}

template <typename T>
T at(const Bytes& file, std::size_t offset) {
    T value;
    std::memcpy(&value, file.data() + offset, sizeof(value));
    return value;
}

std::vector<Elf64_Phdr> loaded_segments(const Bytes& file) {
    const auto header = at<Elf64_Ehdr>(file, 0);
    std::vector<Elf64_Phdr> segments;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const auto segment = at<Elf64_Phdr>(file, header.e_phoff + i * sizeof(Elf64_Phdr));
        if (segment.p_type == PT_LOAD) segments.push_back(segment);
    }
    return segments;
}

std::vector<std::string> segments_that_are_writable_and_executable(const Bytes& file) {
    std::vector<std::string> found;
    for (const auto& segment : loaded_segments(file)) {
        if ((segment.p_flags & PF_W) != 0 && (segment.p_flags & PF_X) != 0) {
            found.push_back(std::to_string(segment.p_vaddr));
        }
    }
    return found;
}

// What no image may have: ways into the kernel, to devices, and to clocks or registers that a cell does
// not give.
bool is_forbidden(std::string_view word) {
    static const std::set<std::string_view> kForbidden = {
        "syscall",  "sysenter", "sysret", "sysexit", "int",    "int1",   "into",     "vmcall",   "vmmcall",
        "rdtsc",    "rdtscp",   "rdpmc",  "rdpid",   "rdrand", "rdseed", "rdfsbase", "rdgsbase", "wrfsbase",
        "wrgsbase", "wrpkru",   "xbegin", "cpuid",   "in",     "out",    "ins",      "insb",     "insl",
        "outs",     "outsb",    "outsl",  "lcall",   "ljmp",   "lret",   "iret",     "iretq",    "swapgs"};
    return kForbidden.contains(word);
}

// The lines of the disassembly that have such an instruction.
std::vector<std::string> forbidden_instructions(const std::string& path) {
    const std::string command = std::string(CURFEW_OBJDUMP) + " -d --no-show-raw-insn '" + path + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::vector<std::string> found;
    std::size_t instructions = 0;
    char line[4096];
    while (pipe && fgets(line, sizeof(line), pipe.get())) {
        const char* const tab = std::strchr(line, '\t');
        if (!tab) continue;
        ++instructions;
        // A line is an address, a tab, prefixes if any, the instruction and its operands.
        const std::string_view code(tab + 1);
        for (std::size_t start = 0; start < code.size();) {
            const std::size_t end = std::min(code.find_first_of(" \n", start), code.size());
            if (is_forbidden(code.substr(start, end - start))) found.emplace_back(line);
            start = end + 1;
        }
    }
    EXPECT_GT(instructions, 100'000u) << command << " showed too little";
    return found;
}

TEST(GuestImage, HasNoForbiddenInstruction) {
    EXPECT_EQ(forbidden_instructions(CURFEW_GUEST_IMAGE), std::vector<std::string>{});
}

TEST(GuestImage, HasNoMemoryThatIsWritableAndExecutable) {
    const Bytes image = read_file(CURFEW_GUEST_IMAGE);
    EXPECT_EQ(segments_that_are_writable_and_executable(image), std::vector<std::string>{});
    const auto segments = loaded_segments(image);
    ASSERT_EQ(segments.size(), 3u) << "text, read-only data, data";
    for (const auto& segment : segments) {
        EXPECT_GE(segment.p_vaddr, wire::kImageBase);
        EXPECT_LE(segment.p_vaddr + segment.p_memsz, wire::kImageLimit);
        EXPECT_EQ(segment.p_vaddr % wire::kPageSize, 0u);
    }
}

TEST(GuestImage, WouldShowMemoryThatIsWritableAndExecutable) {
    Bytes image = read_file(CURFEW_GUEST_IMAGE);
    const auto header = at<Elf64_Ehdr>(image, 0);
    auto segment = at<Elf64_Phdr>(image, header.e_phoff);
    segment.p_flags |= PF_W;
    std::memcpy(image.data() + header.e_phoff, &segment, sizeof(segment));
    EXPECT_EQ(segments_that_are_writable_and_executable(image).size(), 1u);
}

class Planted : public ::testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(Planted, IsShown) {
    Bytes image = read_file(CURFEW_GUEST_IMAGE);
    const auto& [name, code] = GetParam();
    const auto entry = at<Elf64_Ehdr>(image, 0).e_entry;
    for (const auto& segment : loaded_segments(image)) {
        if (entry < segment.p_vaddr || entry >= segment.p_vaddr + segment.p_filesz) continue;
        std::memcpy(image.data() + segment.p_offset + (entry - segment.p_vaddr), code.data(), code.size());
    }
    const std::string path = ::testing::TempDir() + "curfew-planted-" + std::to_string(getpid()) + "-" + name;
    std::ofstream(path, std::ios::binary).write(image.data(), static_cast<std::streamsize>(image.size()));
    const auto found = forbidden_instructions(path);
    std::filesystem::remove(path);
    ASSERT_FALSE(found.empty());
    EXPECT_NE(found[0].find(name), std::string::npos) << found[0];
}

INSTANTIATE_TEST_SUITE_P(Instructions, Planted,
                         ::testing::Values(std::pair{"syscall", std::string("\x0f\x05")},
                                           std::pair{"sysenter", std::string("\x0f\x34")},
                                           std::pair{"int", std::string("\xcd\x80")},
                                           std::pair{"rdtsc", std::string("\x0f\x31")},
                                           std::pair{"wrfsbase", std::string("\xf3\x48\x0f\xae\xd0")}),
                         [](const auto& planted) { return std::string(planted.param.first); });

}  // namespace
}  // namespace curfew::guest
