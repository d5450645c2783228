#include "guest/node/vdso.h"

#include <asm/unistd.h>
#include <elf.h>
#include <stdint.h>
#include <string.h>

#include "guest/node/image_writer.h"
#include "guest/node/x86_64/kernel_call.h"

namespace curfew::guest {

namespace {

struct Function {
    const char* name;
    uint32_t number;
};

constexpr Function kFunctions[] = {{"__vdso_clock_gettime", __NR_clock_gettime},
                                   {"__vdso_gettimeofday", __NR_gettimeofday},
                                   {"__vdso_time", __NR_time},
                                   {"__vdso_clock_getres", __NR_clock_getres},
                                   {"__vdso_getcpu", __NR_getcpu},
                                   {"__vdso_getrandom", __NR_getrandom}};

const Function* find(const char* name) {
    for (const Function& function : kFunctions) {
        if (strcmp(name, function.name) == 0) return &function;
    }
    return nullptr;
}

}  // namespace

void make_system_calls(unsigned char* vdso, size_t size) {
    const auto* const header = reinterpret_cast<const Elf64_Ehdr*>(vdso);
    const auto* const programs = reinterpret_cast<const Elf64_Phdr*>(vdso + header->e_phoff);
    const Elf64_Sym* symbols = nullptr;
    const char* strings = nullptr;
    for (int i = 0; i < header->e_phnum; ++i) {
        if (programs[i].p_type != PT_DYNAMIC) continue;
        for (auto* entry = reinterpret_cast<const Elf64_Dyn*>(vdso + programs[i].p_offset); entry->d_tag != DT_NULL;
             ++entry) {
            // libc has made addresses of the offsets, in some of its versions.
            const uint64_t offset = entry->d_un.d_ptr & 0xfffff;
            if (entry->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const Elf64_Sym*>(vdso + offset);
            if (entry->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(vdso + offset);
        }
    }
    if (!symbols || !strings) stop_freezing("the kernel's code in the process has no symbols");
    for (const Elf64_Sym* symbol = symbols; reinterpret_cast<const char*>(symbol) < strings; ++symbol) {
        const Function* const function = find(strings + symbol->st_name);
        if (!function) continue;
        if (symbol->st_value + kKernelCallSize > size)
            stop_freezing("the kernel's code in the process has a function outside of it");
        write_kernel_call(vdso + symbol->st_value, function->number);
    }
}

}  // namespace curfew::guest
