// Runs pieces of code at a chosen level with breakpoints, watchpoints and software step, and prints every exception that is taken:
// the level that takes it, ESR, the PC relative to the code, and for watchpoints FAR. A breakpoint is disabled when it was hit, an
// access that was watched is skipped, stepping ends after eight steps, BRK ends a case. Starts at EL2 with the MMU off.
//
//  0x40182000  cases of 128 bytes: address of the code, SPSR, MDSCR_EL1, MDCR_EL2, HCR_EL2, CONTEXTIDR_EL1, DBGBVR0, DBGBCR0,
//              DBGBVR5, DBGBCR5, DBGWVR0, DBGWCR0, DBGWVR1, DBGWCR1, x0, steps; address 0 ends
    .equ CASES, 0x40182000
    .equ UART, 0x09000000
    .include "hexadecimal.inc"
_start:
    ldr x19, =CASES
    ldr x28, =UART
    adr x1, from_el2
    msr vbar_el2, x1
    adr x1, from_el1
    msr vbar_el1, x1
    msr oslar_el1, xzr
next:
    mov w1, #'\n'
    strb w1, [x28]
    ldr x1, =1 << 31
    msr hcr_el2, x1
    msr mdscr_el1, xzr
    msr dbgwcr0_el1, xzr
    msr dbgwcr1_el1, xzr
    ldp x21, x2, [x19], #16
    cbz x21, finish
    ldp x3, x4, [x19], #16
    ldp x5, x6, [x19], #16
    msr contextidr_el1, x6
    ldp x6, x7, [x19], #16
    msr dbgbvr0_el1, x6
    msr dbgbcr0_el1, x7
    ldp x6, x7, [x19], #16
    msr dbgbvr5_el1, x6
    msr dbgbcr5_el1, x7
    ldp x6, x7, [x19], #16
    msr dbgwvr0_el1, x6
    msr dbgwcr0_el1, x7
    ldp x6, x7, [x19], #16
    msr dbgwvr1_el1, x6
    msr dbgwcr1_el1, x7
    ldp x0, x27, [x19], #16
    msr mdscr_el1, x3
    msr mdcr_el2, x4
    msr hcr_el2, x5
    msr elr_el2, x21
    msr spsr_el2, x2
    mov x26, #40
    isb
    eret
caught_el1:
    mrs x23, esr_el1
    mrs x24, elr_el1
    mrs x25, far_el1
    hvc #1
    msr elr_el1, x24
    msr spsr_el1, x20
    eret
caught_el2:
    mrs x10, esr_el2
    lsr x11, x10, #26
    cmp x11, #0x16
    b.eq 1f
    mov x23, x10
    mrs x24, elr_el2
    mrs x25, far_el2
    mrs x20, spsr_el2
    mov w10, #'2'
    b 2f
1:  mrs x20, spsr_el1
    mov w10, #'1'
2:  strb w10, [x28]
    mov x12, x23
    bl print
    sub x12, x24, x21
    bl print
    lsr x11, x23, #26
    orr x13, x11, #1
    cmp x13, #0x35
    b.ne 3f
    mov x12, x25
    bl print
    add x24, x24, #4
    // QEMU 7.2 takes the next hit for one of the same watchpoint and the same kind unless they are set anew.
    mrs x12, dbgwcr0_el1
    msr dbgwcr0_el1, x12
    mrs x12, dbgwcr1_el1
    msr dbgwcr1_el1, x12
3:  mov x12, x20
    bl print
    mov w1, #';'
    strb w1, [x28]
    subs x26, x26, #1
    b.eq next
    cmp x11, #0x3c
    b.eq next
    cmp x11, #0x20
    b.eq next
    cmp x11, #0x21
    b.eq next
    cmp x13, #0x31
    b.ne 4f
    msr dbgbcr0_el1, xzr
4:  cmp x13, #0x33
    b.ne 5f
    subs x27, x27, #1
    orr x12, x20, #1 << 21
    csel x20, x20, x12, eq
    b.ne 5f
    mrs x12, mdscr_el1
    bic x12, x12, #1
    msr mdscr_el1, x12
5:  cmp w10, #'1'
    b.eq 6f
    msr elr_el2, x24
    msr spsr_el2, x20
6:  isb
    eret
print:
    mov w14, #' '
    strb w14, [x28]
    hexadecimal 12, 8, 14, 15, 16, 17
    ret
    .include "exceptions.inc"
