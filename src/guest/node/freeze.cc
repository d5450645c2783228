#include "guest/node/freeze.h"

#include <asm/prctl.h>
#include <asm/unistd.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "guest/node/clock.h"
#include "guest/node/frozen_memory.h"
#include "guest/node/image_writer.h"
#include "guest/node/memory_account.h"
#include "guest/node/pages.h"
#include "guest/node/process_check.h"
#include "guest/node/system.h"
#include "guest/node/system_calls.h"
#include "guest/node/x86_64/stacks.h"
#include "wire/frozen_image.h"

namespace curfew::guest {

namespace {

// Stack that the writer itself needs, below what is frozen.
constexpr uint64_t kWritersStack = uint64_t{256} << 10;

uint64_t thread_pointer() {
    uint64_t base = 0;
    kernel_call(__NR_arch_prctl, ARCH_GET_FS, word(&base));
    return base;
}

void drop_unused_stack(uint64_t stack_pointer) {
    const uint64_t end = (stack_pointer - kWritersStack) & ~(wire::kPageSize - 1);
    if (end <= wire::kFrozenStackBase) return;
    kernel_call(__NR_madvise, wire::kFrozenStackBase, static_cast<long>(end - wire::kFrozenStackBase), MADV_DONTNEED);
}

void write(int image, uint64_t stack_pointer) {
    drop_unused_stack(stack_pointer);
    const Program program = open_program();
    ImageWriter writer(image);
    become_cell();  // as what is written shall be; from here on, only the kernel's own calls do anything
    for (size_t gap = kSmallestGap;; gap *= 2) {
        writer.start();
        if (write_memory(writer, program, gap)) break;
        if (gap > kLargestGap) stop_freezing("the process has more pieces of memory than an image can hold");
    }
    writer.finish({.program_length = program.length,
                   .instruction = reinterpret_cast<uint64_t>(return_from_saving),
                   .stack_pointer = stack_pointer,
                   .fs_base = thread_pointer(),
                   .call_entry = reinterpret_cast<uint64_t>(curfew_enter_system_call)});
    for (;;) kernel_call(__NR_exit_group, 0);
}

}  // namespace

void stop_freezing(const char* format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text) - 1, format, arguments);
    va_end(arguments);
    strcat(text, "\n");
    kernel_call(__NR_write, 2, word(text), static_cast<long>(strlen(text)));
    for (;;) kernel_call(__NR_exit_group, 1);
}

void freeze(int image) {
    check_process(image);
    drop_free_pages();
    freeze_clock();
    start_memory_account();
    save_registers(image, write);
}

}  // namespace curfew::guest
