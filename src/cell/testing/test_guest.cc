// A guest of a few instructions a case, for the tests of cells.
#include "cell/testing/test_guest.h"

#include "wire/mailbox.h"

namespace curfew::cell::testing {
uint64_t obey_hostile(const wire::Message& message);
}

namespace {

using curfew::cell::testing::obey_hostile;
using curfew::cell::testing::Order;
using namespace curfew::wire;

Mailbox& mailbox() { return *reinterpret_cast<Mailbox*>(kMailboxBase); }

uint64_t hypercall(uint64_t operation) { return reinterpret_cast<Hypercall>(kHypercallEntry)(operation); }

uint64_t calls;
unsigned char data[64] = {0xc3};  // a return instruction

long raw_system_call(uint64_t number, uint64_t a, uint64_t b, uint64_t c) {
    long result;
    register uint64_t r10 __asm__("r10") = 0;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    return result;
}

void raw_system_call_32(uint64_t number) {
    __asm__ volatile("int $0x80" : : "a"(number), "b"(0), "c"(0), "d"(0) : "memory");
}

[[noreturn]] void spin() {
    for (;;) __asm__ volatile("" ::: "memory");
}

void set_registers() {
    static const unsigned char ones[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const uint32_t mxcsr = 0x9fc0;
    const uint16_t control = 0x027f;
    const uint32_t null_selector = 0x2b;  // the user data selector, where a new process has zero
    __asm__ volatile("movdqu %0, %%xmm15\n ldmxcsr %1\n fldcw %2\n mov %3, %%ds\n mov %3, %%es\n"
                     :
                     : "m"(ones), "m"(mxcsr), "m"(control), "r"(null_selector)
                     : "xmm15");
}

uint64_t get_registers() {
    uint64_t low;
    uint32_t mxcsr, ds, es;
    uint16_t control;
    __asm__ volatile("movq %%xmm15, %0\n stmxcsr %1\n fnstcw %2\n mov %%ds, %3\n mov %%es, %4"
                     : "=r"(low), "=m"(mxcsr), "=m"(control), "=r"(ds), "=r"(es));
    return (low != 0) + (mxcsr != 0x1f80) + (control != 0x037f) + (ds != 0) + (es != 0);
}

uint64_t obey(const Message& message) {
    const auto heap = reinterpret_cast<volatile unsigned char*>(kHeapBase);
    const auto window = reinterpret_cast<unsigned char*>(kWindowBase);
    const uint64_t argument = message.length;
    switch (static_cast<Order>(message.value)) {
        case Order::count: return ++calls;
        case Order::echo:
            for (uint64_t i = 0; i < argument; ++i) ++window[i];
            return 0;
        case Order::spin: spin();
        case Order::read: return *reinterpret_cast<volatile unsigned char*>(argument);
        case Order::write: *reinterpret_cast<volatile unsigned char*>(argument) = 1; return 0;
        case Order::run_data: reinterpret_cast<void (*)()>(data)(); return 0;
        case Order::system_call: return static_cast<uint64_t>(raw_system_call(argument, 0, 0, 0));
        case Order::system_call_32: raw_system_call_32(argument); return 0;
        case Order::futex_elsewhere: return static_cast<uint64_t>(raw_system_call(202, kHeapBase, 0, 1));
        case Order::write_signal_mask: return static_cast<uint64_t>(raw_system_call(14, 0, kHeapBase, 0));
        case Order::divide_by_zero: {
            int zero;
            __asm__ volatile("xor %0, %0\n cltd\n idiv %0" : "=&r"(zero) : : "rax", "rdx");
            return 0;
        }
        case Order::illegal_instruction: __asm__ volatile("ud2"); return 0;
        case Order::breakpoint: __asm__ volatile("int3"); return 0;
        case Order::read_time_stamp: __asm__ volatile("rdtsc" : : : "rax", "rdx"); return 0;
        case Order::vsyscall: {
            uint64_t time[2];
            reinterpret_cast<long (*)(void*, void*)>(0xffffffffff600000)(time, nullptr);
            return 0;
        }
        case Order::scribble_mailbox: {
            auto* bytes = reinterpret_cast<volatile unsigned char*>(kMailboxBase);
            for (uint64_t i = 0; i < kMailboxSize; ++i) {
                if (i < CURFEW_MAILBOX_BACK_END || i >= CURFEW_MAILBOX_BACK_END + 4) bytes[i] = 0xff;
            }
            return 0;
        }
        case Order::dirty:
            for (uint64_t i = 0; i < argument; ++i) heap[i * kPageSize] = static_cast<unsigned char>(i + 1);
            mailbox().heap.extent = argument * kPageSize;
            return 0;
        case Order::sum: {
            uint64_t sum = 0;
            for (uint64_t i = 0; i < argument; ++i) sum += heap[i * kPageSize];
            return sum;
        }
        case Order::set_registers: set_registers(); return 0;
        case Order::get_registers: return get_registers();
        case Order::clock: return hypercall(argument);
        default: return obey_hostile(message);
    }
}

}  // namespace

extern "C" void run() {
    for (;;) {
        const Message message = mailbox().message;
        mailbox().message.name_length = obey(message);
        mailbox().message.kind = static_cast<uint16_t>(MessageKind::done);
        hypercall(CURFEW_HYPERCALL_EXCHANGE);
    }
}

// Writes down what the registers are before anything changes them.
extern "C" __attribute__((naked, noreturn, section(".text.start"))) void _start() {
    __asm__(
        "mov %rax, initial_registers+0\n mov %rbx, initial_registers+8\n mov %rcx, initial_registers+16\n"
        "mov %rdx, initial_registers+24\n mov %rsi, initial_registers+32\n mov %rdi, initial_registers+40\n"
        "mov %rbp, initial_registers+48\n mov %r8, initial_registers+56\n mov %r9, initial_registers+64\n"
        "mov %r10, initial_registers+72\n mov %r11, initial_registers+80\n mov %r12, initial_registers+88\n"
        "mov %r13, initial_registers+96\n mov %r14, initial_registers+104\n mov %r15, initial_registers+112\n"
        "mov %rsp, initial_registers+120\n"
        "pushf\n pop initial_registers+128\n"
        "mov %ds, %eax\n mov %rax, initial_registers+136\n mov %es, %eax\n mov %rax, initial_registers+144\n"
        "mov %fs, %eax\n mov %rax, initial_registers+152\n mov %gs, %eax\n mov %rax, initial_registers+160\n"
        "mov $-1, %eax\n mov $-1, %edx\n xsave initial_registers+256\n"
        "call run");
}
