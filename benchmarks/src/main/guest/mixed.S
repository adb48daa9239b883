// An ALU, branch and load mix over 4 KiB of the caller's random bytes (x0), x19 times: byte load, logic, shifted add, a branch that
// the data decides, table load, byte reversal, store, compare. Result in x21.
.section .text.start, "ax"
    mov x20, x0
    mov x21, #0
1:  mov x1, x20
    add x2, x20, #2048
    add x9, x20, #2048
2:  ldrb w3, [x1], #1
    eor x21, x21, x3
    add x21, x21, x21, lsl #5
    and x4, x3, #0xf8
    cbz x4, 3f
    ldr x5, [x9, x4]
    rev x5, x5
    eor x21, x21, x5
    str x21, [x9, x4]
3:  cmp x1, x2
    b.lo 2b
    subs x19, x19, #1
    b.ne 1b
    hlt #1
