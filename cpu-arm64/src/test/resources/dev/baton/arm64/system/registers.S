// Executes one system instruction after another at a chosen level under chosen controls and prints who took the exception
// that followed (1 or 2) and its syndrome, 8 hexadecimal digits; a BRK behind the instruction tells that it was executed.
// Starts at EL2 with the MMU off.
//
//  0x40182000  cases of 64 bytes: address of the instruction, level, HCR_EL2, SCTLR_EL1 and SCTLR_EL2, CNTKCTL_EL1,
//              CNTHCTL_EL2, MDCR_EL2 (with PMUSERENR_EL0 in bits 63:60 if bit 59 is set), CPTR_EL2; address 0 ends
    .equ CASES, 0x40182000
    .equ UART, 0x09000000
    .equ TARGET, 0x40900000
    .include "hexadecimal.inc"
_start:
    ldr x19, =CASES
    ldr x28, =UART
    adr x1, from_el2
    msr vbar_el2, x1
next:
    ldr x1, =1 << 31
    msr hcr_el2, x1
    isb
    ldp x21, x20, [x19], #16
    ldp x2, x3, [x19], #16
    ldp x4, x5, [x19], #16
    ldp x6, x7, [x19], #16
    cbz x21, finish
    adr x1, from_el1
    msr vbar_el1, x1
    msr sctlr_el1, x3
    msr sctlr_el2, x3
    msr cntkctl_el1, x4
    msr cnthctl_el2, x5
    ubfx x9, x6, #60, #4
    tbz x6, #59, 1f
    msr pmuserenr_el0, x9
1:  and x6, x6, #0xffffffff
    msr mdcr_el2, x6
    msr cptr_el2, x7
    msr elr_el2, x21
    lsl x1, x20, #2
    cmp x20, #0
    cset x8, ne
    orr x1, x1, x8
    orr x1, x1, #0x3c0
    msr spsr_el2, x1
    mov x24, #0
    ldr x0, =TARGET
    msr hcr_el2, x2
    isb
    eret
caught_el1:
    mrs x23, esr_el1
    mov x24, #1
    hvc #1
caught_el2:
    cbnz x24, 1f
    mrs x23, esr_el2
    mov x24, #2
1:  ldr x1, =1 << 31
    msr hcr_el2, x1
    isb
    add w1, w24, #'0'
    strb w1, [x28]
    mov w1, #' '
    strb w1, [x28]
    hexadecimal 23, 8
    mov w1, #10
    strb w1, [x28]
    b next
    .include "exceptions.inc"
