// The trampoline: one read-execute page at CURFEW_TRAMPOLINE_BASE with all the code in a cell that makes system calls.
// The launcher copies it there, with its constants behind it. What it reads from the mailbox while the guest may run can
// come from the guest, and decides no more than the guest could do by itself. The ticket of an interrupt comes from the
// kernel; and once that is acknowledged only this code runs, until the host has reset the cell.
#include "cell/process/x86_64/trampoline.h"
#include "cell/process/shared/handshake_words.h"

#include <asm/unistd_64.h>

#define HANDSHAKE(offset) CURFEW_MAILBOX_BASE + CURFEW_MAILBOX_BACK_END + offset
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define MADV_DONTNEED 4
#define SIG_SETMASK 2
#define SIGSEGV 11
#define SIGSYS 31
#define CLOCK_REALTIME_COARSE 5
#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define SI_CODE 8        /* offsets in siginfo_t */
#define SI_ADDR 16
#define SI_VALUE 24
#define SI_SYSCALL 24
#define SI_ARCH 28
#define UC_RIP 168       /* offset in ucontext_t */

.macro futex_wake_host
    mov $__NR_futex, %eax
    mov $HANDSHAKE(CURFEW_HANDSHAKE_TURN), %edi
    mov $FUTEX_WAKE, %esi
    mov $1, %edx
    syscall
.endm

    .section .trampoline, "ax"
    .globl trampoline, trampoline_end, trampoline_finish, trampoline_handler, trampoline_resume, trampoline_waited
    .globl trampoline_fine_clock, trampoline_fine_time, trampoline_coarse_clock
    .balign 4096

// uint64_t hypercall(uint64_t operation): a function by the C calling convention.
trampoline:
    test %edi, %edi
    jnz clock
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, HANDSHAKE(CURFEW_HANDSHAKE_STACK_POINTER)
    mov $CURFEW_TRAMPOLINE_BASE + (trampoline_resume - trampoline), %ebx   // where to go when the turn comes back

announce:                                   // gives the turn to the host; %rbx and %rsp are all that is kept
    mov $CURFEW_TURN_HOST, %eax
    xchg %eax, HANDSHAKE(CURFEW_HANDSHAKE_TURN) // a full barrier: the host sets host_sleeps before it looks at turn
    cmpl $0, HANDSHAKE(CURFEW_HANDSHAKE_HOST_SLEEPS)
    je 1f
    futex_wake_host
1:  mov HANDSHAKE(CURFEW_HANDSHAKE_GUEST_SPINS), %ecx
2:  cmpl $CURFEW_TURN_HOST, HANDSHAKE(CURFEW_HANDSHAKE_TURN)
    jne turn
    dec %ecx
    js sleep
    pause
    jmp 2b

// The only place where a cell can wait in the kernel; the filter allows waiting nowhere else. So a thread that the kernel
// says is waiting will go on behind the call, whatever it is that runs in the cell: the host can reset it without a
// signal. Nothing is read from registers that native code which jumped here may have chosen, but %rbx, and that only
// where the host wants what it left to go on.
sleep:
    mov $1, %eax
    xchg %eax, HANDSHAKE(CURFEW_HANDSHAKE_GUEST_SLEEPS)  // a full barrier: the host sets turn before it looks at this
    mov HANDSHAKE(CURFEW_HANDSHAKE_TURN), %edx
    cmp $CURFEW_TURN_HOST, %edx
    je wait
    cmp $CURFEW_TURN_HALTED, %edx
    jne awake
wait:
    mov $__NR_futex, %eax                   // while the turn is what it was just now, without a time limit
    mov $HANDSHAKE(CURFEW_HANDSHAKE_TURN), %edi
    mov $FUTEX_WAIT, %esi
    xor %r10d, %r10d
    syscall
trampoline_waited:
    jmp sleep
awake:
    movl $0, HANDSHAKE(CURFEW_HANDSHAKE_GUEST_SLEEPS)
turn:
    mov HANDSHAKE(CURFEW_HANDSHAKE_COMMAND), %eax
    test %eax, %eax                         // CURFEW_COMMAND_RUN
    jnz order
    jmp *%rbx
order:
    cmp $CURFEW_COMMAND_COPY, %eax
    je copy
    jmp reset

trampoline_resume:                          // the hypercall returns
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    xor %eax, %eax
    ret

copy:                                       // shows the host a piece of the guest's memory
    mov HANDSHAKE(CURFEW_HANDSHAKE_COPY_SOURCE), %rsi
    mov HANDSHAKE(CURFEW_HANDSHAKE_COPY_LENGTH), %rcx
    cmp $CURFEW_WINDOW_SIZE, %rcx
    ja announce
    mov $CURFEW_WINDOW_BASE, %edi
    cld
    rep movsb
    jmp announce

clock:                                      // nanoseconds of CLOCK_REALTIME (1) or CLOCK_MONOTONIC (2)
    dec %edi
    cmp $1, %edi
    ja 2f
    mov $__NR_clock_gettime, %eax
    mov $HANDSHAKE(CURFEW_HANDSHAKE_CLOCK), %esi

// The only place from which the filter lets a cell ask for the fine clocks. In a cell that has coarse time only, no such
// call stands here: the launcher puts a jump to trampoline_coarse_clock over it, before the page can be executed.
trampoline_fine_clock:
    syscall
trampoline_fine_time:
    jmp 1f
trampoline_coarse_clock:
    add $CLOCK_REALTIME_COARSE, %edi        // CLOCK_MONOTONIC_COARSE is the next one
    syscall
1:  imul $1000000000, HANDSHAKE(CURFEW_HANDSHAKE_CLOCK), %rax
    add HANDSHAKE(CURFEW_HANDSHAKE_CLOCK + 8), %rax
    ret
2:  xor %eax, %eax
    ret

// Every signal comes here, on the signal stack: handler(signal, info, context). An interrupt never returns to what it stopped.
    .balign 64
trampoline_handler:
    cmp $CURFEW_CELL_SIGNAL, %edi
    jne other_signal
    mov SI_VALUE(%rsi), %r12                // the ticket, which the guest cannot know before
    xor %esp, %esp                          // the next signal starts at the signal stack's top again
    cld
    mov $CURFEW_TURN_HALTED, %eax
    xchg %eax, HANDSHAKE(CURFEW_HANDSHAKE_TURN)
    mov %r12, HANDSHAKE(CURFEW_HANDSHAKE_ACKNOWLEDGED)  // last: a host that sees it may order the reset at once
    futex_wake_host
    mov $CURFEW_TRAMPOLINE_BASE + (die - trampoline), %ebx   // nothing of what was stopped may go on
    jmp sleep                               // only a reset or the process's end lead on from there

// In a cell of a frozen program, whose libraries make system calls. One that the filter refuses (SIGSYS) goes on at the program's
// own dispatcher, as if the instruction had been a jump there that leaves the return address in %rcx, which a system call destroys
// anyway; and reading the time-stamp counter where that is forbidden (SIGSEGV, of the kernel) gives zero. There is no rt_sigreturn,
// which could set a signal mask: the registers are loaded here, and where to go on stands below the red zone of the guest's stack.
// All of this the guest could do by itself, so nothing of it is checked; memory that is not there ends the cell.
#define SI_KERNEL 128
#define AUDIT_ARCH_X86_64 0xc000003e
#define READ_TIME_STAMP 0x310f
#define UC_R8 40
#define UC_R9 48
#define UC_R10 56
#define UC_R11 64
#define UC_R12 72
#define UC_R13 80
#define UC_R14 88
#define UC_R15 96
#define UC_RDI 104
#define UC_RSI 112
#define UC_RBP 120
#define UC_RBX 128
#define UC_RDX 136
#define UC_RAX 144
#define UC_RCX 152
#define UC_RSP 160
#define UC_FLAGS 176
#define UC_EXTENDED_STATE 224
#define BELOW_RED_ZONE -136
other_signal:
    mov CURFEW_CONST_CALL_ENTRY, %rcx
    test %rcx, %rcx
    jz fault
    cmp $SIGSYS, %edi
    je refused_call
    cmp $SIGSEGV, %edi
    jne fault
    cmpl $SI_KERNEL, SI_CODE(%rsi)          // not an address but an instruction
    jne fault
    mov UC_RIP(%rdx), %rcx
    cmpw $READ_TIME_STAMP, (%rcx)
    jne fault
    movq $0, UC_RAX(%rdx)
    movq $0, UC_RDX(%rdx)
    addq $2, UC_RIP(%rdx)
    jmp go_on
refused_call:
    cmpl $AUDIT_ARCH_X86_64, SI_ARCH(%rsi)
    jne fault
    mov UC_RIP(%rdx), %rax
    mov %rax, UC_RCX(%rdx)
    mov %rcx, UC_RIP(%rdx)
go_on:
    mov %rdx, %rbx
    mov UC_EXTENDED_STATE(%rbx), %rcx
    mov $-1, %eax
    mov $-1, %edx
    xrstor64 (%rcx)
    mov UC_RSP(%rbx), %rax
    mov UC_RIP(%rbx), %rcx
    mov %rcx, BELOW_RED_ZONE(%rax)
    push UC_FLAGS(%rbx)
    popf
    mov UC_R8(%rbx), %r8
    mov UC_R9(%rbx), %r9
    mov UC_R10(%rbx), %r10
    mov UC_R11(%rbx), %r11
    mov UC_R12(%rbx), %r12
    mov UC_R13(%rbx), %r13
    mov UC_R14(%rbx), %r14
    mov UC_R15(%rbx), %r15
    mov UC_RDI(%rbx), %rdi
    mov UC_RSI(%rbx), %rsi
    mov UC_RBP(%rbx), %rbp
    mov UC_RDX(%rbx), %rdx
    mov UC_RAX(%rbx), %rax
    mov UC_RCX(%rbx), %rcx
    mov UC_RSP(%rbx), %rsp
    mov UC_RBX(%rbx), %rbx
    jmp *BELOW_RED_ZONE(%rsp)

// The guest cannot run until this is over, so what the mailbox says now, the host has written. Erases the plan as it goes:
// it tells which pages an invocation wrote, which is not for the next one.
reset:
    cld
    xor %r8d, %r8d
    mov HANDSHAKE(CURFEW_HANDSHAKE_RESET_PLAN), %rbx
    mov HANDSHAKE(CURFEW_HANDSHAKE_RESET_STEPS), %rbp
    mov %r8, HANDSHAKE(CURFEW_HANDSHAKE_RESET_PLAN)
    mov %r8, HANDSHAKE(CURFEW_HANDSHAKE_RESET_STEPS)
2:  test %rbp, %rbp
    jz start
    mov (%rbx), %rdi
    mov 8(%rbx), %rsi
    mov 16(%rbx), %rcx
    mov %r8, (%rbx)
    mov %r8, 8(%rbx)
    mov %r8, 16(%rbx)
    add $24, %rbx
    dec %rbp
    test %rsi, %rsi
    jz 3f
    shr $3, %rcx
    rep movsq
    jmp 2b
3:  mov %rcx, %rsi
    mov $MADV_DONTNEED, %edx
    mov $__NR_madvise, %eax
    syscall
    test %eax, %eax
    jz 2b
    jmp die

start:                                      // from here on every register is as in a new process
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    mov $__NR_arch_prctl, %eax
    mov $ARCH_SET_FS, %edi
    mov CURFEW_CONST_FS_BASE, %rsi
    syscall
    mov $__NR_arch_prctl, %eax
    mov $ARCH_SET_GS, %edi
    xor %esi, %esi
    syscall
    // Some processors (AMD's before Zen) leave the addresses of the latest x87 instruction and of its operand where they were,
    // whatever is restored, unless an exception is pending. So they are made those of an instruction here.
    fninit                                  // empties the stack; unlike others it does not raise what is pending
    fildl CURFEW_CONST_XSAVE                // a constant
    mov $-1, %eax
    mov $-1, %edx
    xrstor CURFEW_CONST_XSAVE               // all components to their initial state
    mov CURFEW_CONST_STACK_POINTER, %rsp
    push $2
    popf
    mov %rsp, HANDSHAKE(CURFEW_HANDSHAKE_STACK_POINTER)
    mov $CURFEW_TRAMPOLINE_BASE + (enter - trampoline), %ebx
    cmpl $CURFEW_COMMAND_RESET_AND_RUN, HANDSHAKE(CURFEW_HANDSHAKE_COMMAND)
    jne announce
    movl $CURFEW_COMMAND_RUN, HANDSHAKE(CURFEW_HANDSHAKE_COMMAND)   // tells the host that the guest has been entered
enter:                                      // whichever way it came here: by registers nobody can tell how it was reset
    xor %eax, %eax
    xor %ebx, %ebx
    xor %ecx, %ecx
    xor %edx, %edx
    xor %esi, %esi
    xor %edi, %edi
    xor %ebp, %ebp
    xor %r8d, %r8d
    xor %r9d, %r9d
    xor %r10d, %r10d
    xor %r11d, %r11d
    xor %r12d, %r12d
    xor %r13d, %r13d
    xor %r14d, %r14d
    xor %r15d, %r15d
    jmp *CURFEW_CONST_INSTRUCTION

fault:                                      // leaves a report and ends the process
    mov %edi, HANDSHAKE(CURFEW_HANDSHAKE_FAULT)
    mov SI_CODE(%rsi), %eax
    mov %eax, HANDSHAKE(CURFEW_HANDSHAKE_FAULT + 4)
    mov SI_ADDR(%rsi), %rax
    mov %rax, HANDSHAKE(CURFEW_HANDSHAKE_FAULT + 8)
    mov UC_RIP(%rdx), %rax
    mov %rax, HANDSHAKE(CURFEW_HANDSHAKE_FAULT + 16)
    mov SI_SYSCALL(%rsi), %eax
    mov %eax, HANDSHAKE(CURFEW_HANDSHAKE_FAULT + 24)
    mov SI_ARCH(%rsi), %eax
    mov %eax, HANDSHAKE(CURFEW_HANDSHAKE_FAULT + 28)
die:
    mov $CURFEW_TURN_FAULTED, %eax
    xchg %eax, HANDSHAKE(CURFEW_HANDSHAKE_TURN)
    futex_wake_host
1:  mov $__NR_exit_group, %eax
    mov $1, %edi
    syscall
    jmp 1b

// The launcher's last steps, which it cannot take in its own memory: drops that, lets the cell's signal through, and
// parks the guest. Not the other way round: a signal that stopped the cell before, followed by a reset, would start the
// guest with the launcher's text still there, which may make any system call.
trampoline_finish:
    mov $CURFEW_LAUNCH_STEP_UNMAP, %ebx
    mov $__NR_munmap, %eax
    mov $CURFEW_LAUNCHER_LOW, %edi
    mov $CURFEW_LAUNCHER_LOW_LENGTH, %esi
    syscall
    test %eax, %eax
    jnz 1f
    mov $CURFEW_LAUNCH_STEP_SIGNALS, %ebx
    mov $__NR_rt_sigprocmask, %eax
    mov $SIG_SETMASK, %edi
    mov $CURFEW_CONST_NO_SIGNALS, %esi
    xor %edx, %edx                          // the mask before is of no interest
    mov $8, %r10d                           // bytes in a mask
    syscall                                 // an interrupt that came early is taken here, and halts the cell
    test %eax, %eax
    jnz 1f
    jmp start
1:  neg %eax
    movl $0, HANDSHAKE(CURFEW_HANDSHAKE_FAULT)  // signal zero: the cell could not be made
    mov %eax, HANDSHAKE(CURFEW_HANDSHAKE_FAULT + 4)
    mov %ebx, HANDSHAKE(CURFEW_HANDSHAKE_FAULT + 24)
    jmp die
trampoline_end:
    .section .note.GNU-stack, "", %progbits
