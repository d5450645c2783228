// Where the instruction goes on that the cell's back end did not let through: calls curfew_answer_system_call(), which is in
// ../call_entry.cc, with the call as it stands on the stack, number first.
//
// The kernel leaves all registers as they are but %rax, %rcx and %r11, and so must this: it saves those that functions may change,
// and the state of vector and floating point registers, in one area as large as any processor's for the components named (x87, SSE,
// AVX and AVX-512). Whoever made the call may have data in the 128 bytes below its stack pointer.
__asm__(
    ".pushsection .text\n"
    ".globl curfew_enter_system_call\n"
    ".hidden curfew_enter_system_call\n"
    ".type curfew_enter_system_call, @function\n"
    "curfew_enter_system_call:\n"
    "    lea -128(%rsp), %rsp\n"
    "    push %rcx\n"  // where to go on
    "    push %rbp\n"
    "    mov %rsp, %rbp\n"
    "    push %r9\n"  // the call, as a structure that begins with its number
    "    push %r8\n"
    "    push %r10\n"
    "    push %rdx\n"
    "    push %rsi\n"
    "    push %rdi\n"
    "    push %rax\n"
    "    mov %rsp, %rdi\n"
    "    sub $2752, %rsp\n"
    "    and $-64, %rsp\n"
    "    xor %eax, %eax\n"
    "    mov %rax, 512(%rsp)\n"  // the area's header
    "    mov %rax, 520(%rsp)\n"
    "    mov %rax, 528(%rsp)\n"
    "    mov %rax, 536(%rsp)\n"
    "    mov %rax, 544(%rsp)\n"
    "    mov %rax, 552(%rsp)\n"
    "    mov %rax, 560(%rsp)\n"
    "    mov %rax, 568(%rsp)\n"
    "    xor %edx, %edx\n"
    "    mov $0xe7, %eax\n"
    "    xsave64 (%rsp)\n"
    "    cld\n"
    "    call curfew_answer_system_call\n"
    "    mov %rax, -56(%rbp)\n"  // in the place of its number
    "    xor %edx, %edx\n"
    "    mov $0xe7, %eax\n"
    "    xrstor64 (%rsp)\n"
    "    lea -56(%rbp), %rsp\n"
    "    pop %rax\n"
    "    pop %rdi\n"
    "    pop %rsi\n"
    "    pop %rdx\n"
    "    pop %r10\n"
    "    pop %r8\n"
    "    pop %r9\n"
    "    pop %rbp\n"
    "    pop %rcx\n"
    "    lea 128(%rsp), %rsp\n"
    "    jmp *%rcx\n"
    ".size curfew_enter_system_call, . - curfew_enter_system_call\n"
    ".popsection\n");
