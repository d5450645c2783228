// Where a cell starts its guest: with the stack pointer at the thread area, the FS base there too, all else zero.
#include "wire/layout.h"

    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    xorl %ebp, %ebp                 // the outermost frame
    movq $CURFEW_THREAD_AREA, %rsp  // the stack grows down from the thread area
    movq %rsp, (%rsp)               // musl finds its thread structure through a pointer to itself
    call curfew_guest_main
    ud2                             // it never returns
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
