// Executes one pointer authentication instruction after another at EL1 and prints what is in X0 afterwards, 16 hexadecimal digits.
// Starts at EL1 with the MMU off.
//
//  0x40181000  the ten key registers, IA IB DA DB GA, low half first
//  0x40182000  cases of 32 bytes: address of the instruction (RET follows), TCR_EL1, X0, X1; address 0 ends
    .equ KEYS, 0x40181000
    .equ CASES, 0x40182000
    .equ UART, 0x09000000
    .include "hexadecimal.inc"
_start:
    ldr x28, =UART
    ldr x19, =KEYS
    ldp x0, x1, [x19], #16
    msr s3_0_c2_c1_0, x0
    msr s3_0_c2_c1_1, x1
    ldp x0, x1, [x19], #16
    msr s3_0_c2_c1_2, x0
    msr s3_0_c2_c1_3, x1
    ldp x0, x1, [x19], #16
    msr s3_0_c2_c2_0, x0
    msr s3_0_c2_c2_1, x1
    ldp x0, x1, [x19], #16
    msr s3_0_c2_c2_2, x0
    msr s3_0_c2_c2_3, x1
    ldp x0, x1, [x19], #16
    msr s3_0_c2_c3_0, x0
    msr s3_0_c2_c3_1, x1
    // EnIA, EnIB, EnDA, EnDB.
    ldr x0, =0x30d00800 | 1 << 31 | 1 << 30 | 1 << 27 | 1 << 13
    msr sctlr_el1, x0
    isb
    ldr x19, =CASES
next:
    ldp x21, x2, [x19], #16
    cbz x21, finish
    ldp x0, x1, [x19], #16
    msr tcr_el1, x2
    isb
    blr x21
    msr tcr_el1, xzr
    isb
    hexadecimal 0, 16
    mov w1, #10
    strb w1, [x28]
    b next
finish:
    ldr w0, =0x84000008
    hvc #0
    b .
    .ltorg
