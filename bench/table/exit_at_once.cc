// A static program without a C library, which ends at once: the least that a process can do.
extern "C" __attribute__((naked, noreturn)) void _start() {
    __asm__(
        "mov $231, %eax\n"  // exit_group
        "xor %edi, %edi\n"
        "syscall\n");
}
