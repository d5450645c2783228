#include "guest/node/x86_64/stacks.h"

#define CURFEW_SAVE "push %rbp\n push %rbx\n push %r12\n push %r13\n push %r14\n push %r15\n"
#define CURFEW_RETURN "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbx\n pop %rbp\n ret\n"

namespace curfew::guest {

__attribute__((naked)) void switch_stacks(void** /*save*/, void* /*to*/) {
    __asm__(CURFEW_SAVE "mov %rsp, (%rdi)\n mov %rsi, %rsp\n" CURFEW_RETURN);
}

__attribute__((naked)) void save_registers(int /*image*/, void (* /*write*/)(int, uint64_t)) {
    __asm__(CURFEW_SAVE "mov %rsi, %rax\n mov %rsp, %rsi\n sub $8, %rsp\n call *%rax\n ud2\n");
}

__attribute__((naked)) void return_from_saving() { __asm__(CURFEW_RETURN); }

}  // namespace curfew::guest
