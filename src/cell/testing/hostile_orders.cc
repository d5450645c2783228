// What native code can do that has been taken over: anything that the machine lets it.
#include "cell/testing/test_guest.h"
#include "wire/mailbox.h"

extern "C" {
curfew::cell::testing::InitialRegisters initial_registers;
}

namespace curfew::cell::testing {

uint64_t obey_hostile(const wire::Message& message);
uint64_t obey_against_back_end(const wire::Message& message);

namespace {

using namespace curfew::wire;

Mailbox& mailbox() { return *reinterpret_cast<Mailbox*>(kMailboxBase); }

template <typename T>
const T& from_window() {
    return *reinterpret_cast<const T*>(kWindowBase);
}

long make_system_call(const SystemCall& call) {
    register uint64_t r10 __asm__("r10") = call.arguments[3];
    register uint64_t r8 __asm__("r8") = call.arguments[4];
    register uint64_t r9 __asm__("r9") = call.arguments[5];
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(call.number), "D"(call.arguments[0]), "S"(call.arguments[1]), "d"(call.arguments[2]),
                       "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

[[noreturn]] void jump_to(uint64_t address) {
    static uint64_t target;
    target = address;
    __asm__ volatile(
        "mov %0, %%r15\n"
        "mov 0(%%r15), %%rax\n mov 8(%%r15), %%rbx\n mov 16(%%r15), %%rcx\n mov 24(%%r15), %%rdx\n"
        "mov 32(%%r15), %%rsi\n mov 40(%%r15), %%rdi\n mov 48(%%r15), %%rbp\n mov 56(%%r15), %%r8\n"
        "mov 64(%%r15), %%r9\n mov 72(%%r15), %%r10\n mov 80(%%r15), %%r11\n mov 88(%%r15), %%r12\n"
        "mov 96(%%r15), %%r13\n mov 104(%%r15), %%r14\n mov 120(%%r15), %%rsp\n mov 112(%%r15), %%r15\n"
        "jmp *%1\n"
        :
        : "i"(kWindowBase), "m"(target));
    __builtin_unreachable();
}

void fill(volatile unsigned char* from, uint64_t length) {
    for (uint64_t i = 0; i < length; ++i) from[i] = 0xff;
}

void fill_stack() {
    unsigned char here;
    constexpr uint64_t kInUse = 256;
    const uint64_t base = kThreadArea + kPageSize - mailbox().stack_size;
    fill(reinterpret_cast<unsigned char*>(base), reinterpret_cast<uint64_t>(&here) - kInUse - base);
}

[[noreturn]] void seize_registers(uint64_t features) {
    static const uint64_t mark = kMark;
    if ((features & kFsgsbase) != 0) {
        __asm__ volatile("wrfsbase %0\n wrgsbase %0" : : "r"(kMark));
    }
    __asm__ volatile(
        "fninit\n fldpi\n fldl2e\n fldln2\n"
        "push $0x027f\n fldcw (%%rsp)\n"
        "movl $0x9fc0, (%%rsp)\n ldmxcsr (%%rsp)\n pop %%rax\n"
        "mov $0x2b, %%eax\n mov %%eax, %%ds\n mov %%eax, %%es\n"
        :
        :
        : "rax", "memory");
    if ((features & kAvx512) != 0) {
        __asm__ volatile(
            ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
            "vpbroadcastq %0, %%zmm\\n\n"
            ".endr\n"
            ".irp n, 0,1,2,3,4,5,6,7\n"
            "kxnorq %%k\\n, %%k\\n, %%k\\n\n"
            ".endr\n"
            :
            : "m"(mark));
    } else {
        __asm__ volatile(
            ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
            "movq %0, %%xmm\\n\n"
            ".endr\n"
            :
            : "m"(mark));
    }
    if ((features & kProtectionKeys) != 0) {
        constexpr uint32_t kAllButTheFirst = 0xfffffffc;
        __asm__ volatile("wrpkru" : : "a"(kAllButTheFirst), "c"(0), "d"(0));
    }
    constexpr uint64_t kFlags = 0x244400 | 0x8d5;  // ID, AC, NT, DF, and the arithmetic flags
    __asm__ volatile(
        "mov %1, %%rax\n push %0\n popf\n"
        "mov %%rax, %%rbx\n mov %%rax, %%rcx\n mov %%rax, %%rdx\n mov %%rax, %%rsi\n mov %%rax, %%rdi\n"
        "mov %%rax, %%rbp\n mov %%rax, %%r8\n mov %%rax, %%r9\n mov %%rax, %%r10\n mov %%rax, %%r11\n"
        "mov %%rax, %%r12\n mov %%rax, %%r13\n mov %%rax, %%r14\n mov %%rax, %%r15\n mov %%rax, %%rsp\n"
        "1: jmp 1b\n"
        :
        : "i"(kFlags), "m"(mark));
    __builtin_unreachable();
}

void show_initial_registers(uint64_t features) {
    if ((features & kFsgsbase) != 0) {  // which nothing has changed since
        __asm__ volatile("rdfsbase %0\n rdgsbase %1"
                         : "=r"(initial_registers.fs_base), "=r"(initial_registers.gs_base));
    }
    const auto* from = reinterpret_cast<const unsigned char*>(&initial_registers);
    auto* to = reinterpret_cast<volatile unsigned char*>(kWindowBase);
    for (uint64_t i = 0; i < sizeof initial_registers; ++i) to[i] = from[i];
}

// Goes to 32-bit code, which lies among the 64-bit code, with a number in eax. 0x23 is the kernel's selector for it.
#define CURFEW_32_BIT_CODE(code)                                                                     \
    __asm__ volatile("push $0x23\n push $1f\n lretq\n .code32\n 1: " code "\n 2: jmp 2b\n .code64\n" \
                     :                                                                               \
                     : "a"(number), "b"(0), "c"(0), "d"(0)                                           \
                     : "memory")

[[noreturn]] void run_32_bit_code(Order order, uint64_t number) {
    if (order == Order::spin_in_32_bit_code) CURFEW_32_BIT_CODE("nop");
    if (order == Order::system_call_in_32_bit_code) CURFEW_32_BIT_CODE("int $0x80");
    CURFEW_32_BIT_CODE("mov $0x10050000, %%ebp\n sysenter");  // which wants to find a stack: the window's end
    __builtin_unreachable();
}

__attribute__((naked)) void refused_call() { __asm__("lea %c0(%%rax), %%rax\n jmp *%%rcx" : : "i"(kRefused)); }

void send_bodies(const Message& asked) {
    const uint64_t length = mailbox().heap_size;
    for (unsigned body = 0; body < kBodies; ++body) {
        for (uint64_t sent = 0; sent < length;) {
            const uint64_t chunk = length - sent < kWindowSize ? length - sent : kWindowSize;
            mailbox().message = {.kind = asked.flags,
                                 .flags = 0,
                                 .request = asked.request,
                                 .value = 0,
                                 .chunk = static_cast<uint32_t>(chunk),
                                 .name_length = 0,
                                 .length = length};
            sent += chunk;
            reinterpret_cast<Hypercall>(kHypercallEntry)(CURFEW_HYPERCALL_EXCHANGE);
            if (mailbox().message.kind != static_cast<uint16_t>(MessageKind::more)) break;
        }
    }
    mailbox().message = {
        .kind = 0, .flags = 0, .request = asked.request, .value = 0, .chunk = 0, .name_length = 0, .length = 0};
}

}  // namespace

uint64_t obey_hostile(const Message& message) {
    const auto order = static_cast<Order>(message.value);
    const uint64_t argument = message.length;
    switch (order) {
        case Order::read_byte: return *reinterpret_cast<const volatile unsigned char*>(argument);
        case Order::system_call_with: return static_cast<uint64_t>(make_system_call(from_window<SystemCall>()));
        case Order::jump: jump_to(argument);
        case Order::fill: {
            const auto range = from_window<ByteRange>();
            fill(reinterpret_cast<unsigned char*>(range.address), range.length);
            return 0;
        }
        case Order::fill_stack: fill_stack(); return 0;
        case Order::seize_registers: seize_registers(argument);
        case Order::initial_registers: show_initial_registers(argument); return 0;
        case Order::spin_in_32_bit_code:
        case Order::system_call_in_32_bit_code:
        case Order::sysenter_in_32_bit_code: run_32_bit_code(order, argument);
        case Order::send_bodies: send_bodies(message); return 0;
        case Order::answer_earlier: --mailbox().message.request; return 0;
        case Order::leave: make_system_call({231 /* exit_group */, {1, 0, 0, 0, 0, 0}}); return 0;
        case Order::refused_call_entry: return reinterpret_cast<uint64_t>(refused_call);
        default: return obey_against_back_end(message);
    }
}

}  // namespace curfew::cell::testing
