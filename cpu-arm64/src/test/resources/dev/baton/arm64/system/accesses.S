// Makes one access after another and prints what came of it: four hexadecimal words (ESR, FAR, SPSR of the exception or 0;
// x0 or PAR) and a line end per case, on a PL011. Runs at EL1 on anything with RAM at 1 GiB and the UART at 0x9000000.
//
//  0x40180000  this program, also mapped for EL0 at USER
//  0x40181000  controls: MAIR, TCR, TTBR0, TTBR1, SCTLR; VTCR, VTTBR, HCR if entered at EL2, which goes on at EL1 under stage 2:
//              what EL2 catches is printed with HPFAR in place of x0
//  0x40182000  cases of 16 bytes: address, kind (bits 3:0, bit 4: with PAN); kind 0x1f ends
    .arch armv8.1-a
    .equ CONTROLS, 0x40181000
    .equ CASES, 0x40182000
    .equ UART, 0x09000000
    .equ USER, 0x40600000
    .include "hexadecimal.inc"
_start:
    adr x0, vectors
    ldr x1, =CONTROLS
    mrs x2, CurrentEL
    cmp x2, #8
    b.eq hypervisor
guest:
    msr vbar_el1, x0
    ldp x2, x3, [x1]
    ldp x4, x5, [x1, #16]
    ldr x6, [x1, #32]
    msr mair_el1, x2
    msr tcr_el1, x3
    msr ttbr0_el1, x4
    msr ttbr1_el1, x5
    isb
    tlbi vmalle1
    dsb sy
    isb
    msr sctlr_el1, x6
    isb
    ldr x19, =CASES
    ldr x28, =UART
    ldr x27, =USER
next:
    ldp x21, x22, [x19], #16
    mov x23, #0
    mov x24, #0
    mov x25, #0
    mov x0, #0
    cmp x22, #0x1f
    b.eq finish
    tbz x22, #4, 1f
    msr pan, #1
1:  and x22, x22, #15
    adr x1, kinds
    add x1, x1, x22, lsl #4
    br x1
    .balign 16
kinds:
    ldr x0, [x21]                   // 0
    b done
    nop
    nop
    str x0, [x21, #8]               // 1
    b done
    nop
    nop
    blr x21                         // 2: SVC at EL1
    b done
    nop
    nop
    ldtr x0, [x21]                  // 3
    b done
    nop
    nop
    sttr x0, [x21, #8]              // 4
    b done
    nop
    nop
    adr x1, user_load            // 5: from EL0
    and x1, x1, #0xfff
    add x1, x1, x27
    b drop
    adr x1, user_store           // 6
    and x1, x1, #0xfff
    add x1, x1, x27
    b drop
    mov x1, x21                     // 7: SVC at EL0
    b drop
    nop
    nop
    at s1e1r, x21                   // 8
    b par
    nop
    nop
    at s1e1w, x21                   // 9
    b par
    nop
    nop
    at s1e0r, x21                   // 10
    b par
    nop
    nop
    at s1e0w, x21                   // 11
    b par
    nop
    nop
    dc civac, x21                   // 12
    b done
    nop
    nop
    dc ivac, x21                    // 13
    b done
    nop
    nop
    ldrb w0, [x21, #1]              // 14
    b done
    nop
    nop
    ldr x0, [x21, #1]               // 15: misaligned
    b done
par:
    isb
    mrs x0, par_el1
    b done
drop:
    msr elr_el1, x1
    mov x1, #0x3c0
    msr spsr_el1, x1
    eret
user_load:
    ldr x0, [x21]
    svc #2
user_store:
    str x0, [x21, #8]
    svc #2
done:
    msr pan, #0
    mov x26, x0
    mov x0, x23
    bl print
    mov x0, x24
    bl print
    mov x0, x25
    bl print
    mov x0, x26
    bl print
    mov w1, #10
    strb w1, [x28]
    b next
print:
    hexadecimal 0, 16
    mov w1, #' '
    strb w1, [x28]
    ret
finish:
    ldr w0, =0x84000008
    hvc #0
    b .
hypervisor:
    msr vbar_el2, x0
    ldp x2, x3, [x1, #40]
    ldr x4, [x1, #56]
    msr vtcr_el2, x2
    msr vttbr_el2, x3
    msr hcr_el2, x4
    isb
    tlbi alle1
    dsb sy
    adr x2, guest
    msr elr_el2, x2
    mov x2, #0x3c5
    msr spsr_el2, x2
    mov x2, #0x30d00000
    movk x2, #0x0800
    msr sctlr_el1, x2
    eret
caught2:
    mrs x23, esr_el2
    lsr x1, x23, #26
    cmp x1, #0x16                   // HVC: the end
    b.ne 3f
    ldr w0, =0x84000008
    smc #0
    b .
3:  mrs x24, far_el2
    mrs x25, spsr_el2
    mrs x0, hpfar_el2
    adr x1, done
    msr elr_el2, x1
    mov x1, #0x3c5
    msr spsr_el2, x1
    eret
caught:
    mrs x1, CurrentEL
    cmp x1, #8
    b.eq caught2
    mrs x23, esr_el1
    mrs x24, far_el1
    mrs x25, spsr_el1
    // FAR is UNKNOWN after anything but an abort
    lsr x1, x23, #26
    and x2, x1, #0x3e
    cmp x2, #0x20
    mov x3, #0x24
    ccmp x2, x3, #4, ne
    csel x24, x24, xzr, eq
    adr x1, done
    msr elr_el1, x1
    mov x1, #0x3c5
    msr spsr_el1, x1
    eret
    .ltorg
    .balign 0x800
vectors:
    .rept 16
    b caught
    .balign 0x80
    .endr
