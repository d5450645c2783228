// Where the launcher starts, and what the compiler expects of a C library.
extern "C" {

[[noreturn]] void start();

void* memcpy(void* to, const void* from, unsigned long count) {
    void* result = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    return result;
}

void* memset(void* to, int value, unsigned long count) {
    void* result = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
    return result;
}

alignas(16) unsigned char own_stack[16384];

__attribute__((naked, noreturn)) void _start() {
    __asm__("lea own_stack+16384(%rip), %rsp\n xor %ebp, %ebp\n call start");
}
}
