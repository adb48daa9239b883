// A guest that drives the interrupt controller, timer, UART and PSCI of virt by hand, MMU off, and prints what it sees,
// one 64-bit number a line. Entered as an arm64 Image at EL1, or at EL2 (then firmware is called by SMC); needs two CPUs, or
// prints the answer to CPU_ON and stops. Assembled with --defsym SPIN_TABLE=1, it starts the second CPU by its release word.

        .macro  imm reg, value
        movz    \reg, #((\value) & 0xffff)
        movk    \reg, #(((\value) >> 16) & 0xffff), lsl #16
        movk    \reg, #(((\value) >> 32) & 0xffff), lsl #32
        .endm

        .macro  show reg                        // changes x10 to x14, x20, x30
        mov     x20, \reg
        bl      put_hex
        .endm

// Calls firmware: HVC at EL1, SMC at EL2. Changes x9.
        .macro  firmware
        mrs     x9, CurrentEL
        cmp     x9, #8
        b.eq    771f
        hvc     #0
        b       772f
771:    smc     #0
772:
        .endm

        b       start
        nop
        .quad   0, 0x400000, 0xa, 0, 0, 0
        .ascii  "ARM\x64"
        .word   0

// ---- vectors ------------------------------------------------------------------------------------------------------------

        .balign 2048, 0
vectors:
        .org    vectors + 0x200                 // synchronous, current EL with SP_ELx: print ESR and stop
        mrs     x0, esr_el1
        show    x0
        b       system_off
        .org    vectors + 0x280                 // IRQ
        stp     x0, x1, [sp, #-16]!
        mrs     x0, s3_0_c12_c12_0              // ICC_IAR1_EL1
        mrs     x1, tpidr_el1
        str     x0, [x1]
        cmp     x0, #27
        b.ne    1f
        msr     cntv_ctl_el0, xzr
1:      cmp     x0, #33
        b.ne    2f
        imm     x1, 0x09000038                  // UARTIMSC
        str     wzr, [x1]
2:      isb
        msr     s3_0_c12_c12_1, x0              // ICC_EOIR1_EL1
        ldp     x0, x1, [sp], #16
        eret
        .org    vectors + 0x800

// ---- one block of 64 bytes a CPU: the last INTID, the context it was started with ----------------------------------------

blocks: .fill   64, 8, 0
stacks: .fill   512, 8, 0

// Vectors, stack, block, redistributor, CPU interface. Changes x0 to x3.
cpu_init:
        adr     x0, vectors
        mrs     x1, CurrentEL
        cmp     x1, #8
        b.ne    1f
        msr     vbar_el2, x0
        imm     x1, 0x80000010                  // HCR_EL2.RW and IMO: IRQs come to EL2
        msr     hcr_el2, x1
        b       2f
1:      msr     vbar_el1, x0
2:      isb
        mrs     x1, mpidr_el1
        and     x1, x1, #0xff
        adr     x0, blocks
        add     x0, x0, x1, lsl #6
        msr     tpidr_el1, x0
        adr     x2, stacks
        add     x2, x2, #1024
        add     x2, x2, x1, lsl #10
        mov     sp, x2
        imm     x2, 0x080a0000
        add     x2, x2, x1, lsl #17
        str     wzr, [x2, #0x14]                // GICR_WAKER
1:      ldr     w3, [x2, #0x14]
        tbnz    w3, #2, 1b
        add     x2, x2, #0x10, lsl #12
        mov     w3, #-1
        str     w3, [x2, #0x80]                 // GICR_IGROUPR0
        imm     x3, 0x0800ffff
        str     w3, [x2, #0x100]                // GICR_ISENABLER0: SGIs and the virtual timer
        mov     x3, #7
        msr     s3_0_c12_c12_5, x3              // ICC_SRE_EL1
        isb
        mov     x3, #0xf0
        msr     s3_0_c4_c6_0, x3                // ICC_PMR_EL1
        mov     x3, #1
        msr     s3_0_c12_c12_7, x3              // ICC_IGRPEN1_EL1
        isb
        ret

// Forgets the last INTID. Changes x1, x2.
forget: mrs     x1, tpidr_el1
        mov     x2, #-1
        str     x2, [x1]
        ret

// Waits for an interrupt after forget; x2 is its INTID. Changes x1.
wait:   mrs     x1, tpidr_el1
1:      wfi
        msr     daifclr, #2
        isb
        msr     daifset, #2
        ldr     x2, [x1]
        cmn     x2, #1
        b.eq    1b
        ret

// Starts CPU 1 with context x3, then waits until it has come up; its context is in x22, the answer of firmware in x0.
// Changes x0 to x4, x21.
start_second:
        adr     x2, second
        .ifdef  SPIN_TABLE
        imm     x0, 0x40000140                  // cpu-release-addr of CPU 1
        str     x2, [x0]
        dsb     sy
        sev
        mov     x0, #0
        .else
        imm     x0, 0xc4000003
        mov     x1, #1
        firmware
        .endif
        cbnz    x0, 2f
        adr     x21, blocks
1:      ldr     x22, [x21, #72]
        cbz     x22, 1b
2:      ret

// ---- the boot CPU -------------------------------------------------------------------------------------------------------

start:  mrs     x21, mpidr_el1
        show    x21
        mrs     x21, CurrentEL
        show    x21
        bl      cpu_init
        imm     x0, 0x08000000
        mov     w1, #0x12
        str     w1, [x0]                        // GICD_CTLR: Group 1, affinity routing
        mov     w1, #-1
        str     w1, [x0, #0x84]                 // GICD_IGROUPR1

        bl      forget                          // the virtual timer: 27
        mov     x0, #1000
        msr     cntv_tval_el0, x0
        mov     x0, #1
        msr     cntv_ctl_el0, x0
        isb
        bl      wait
        show    x2

        bl      forget                          // the UART, which has sent something: 33
        imm     x0, 0x08000104
        mov     w1, #2
        str     w1, [x0]
        imm     x0, 0x09000038
        mov     w1, #0x20
        str     w1, [x0]
        bl      wait
        show    x2

        mov     x3, #0x55                       // the second CPU
        bl      start_second
        show    x0
        cbnz    x0, system_off
        show    x22

        bl      forget                          // an SGI there, and one back
        imm     x0, 0x03000002
        msr     s3_0_c12_c11_5, x0              // ICC_SGI1R_EL1
        isb
        bl      wait
        show    x2
        adr     x21, blocks
        ldr     x21, [x21, #64]
        show    x21
        .ifdef  SPIN_TABLE
        b       park
        .endif

1:      imm     x0, 0xc4000004                  // AFFINITY_INFO until it is off
        mov     x1, #1
        mov     x2, #0
        firmware
        cbz     x0, 1b
        show    x0

        adr     x21, blocks                     // and on again
        str     xzr, [x21, #72]
        mov     x3, #0x66
        bl      start_second
        show    x0
        show    x22

system_off:
        imm     x0, 0x84000008
        firmware
        b       .

// ---- the second CPU -----------------------------------------------------------------------------------------------------

second: mov     x19, x0
        .ifdef  SPIN_TABLE
        orr     x0, x0, x1                      // x0 to x3 are 0
        orr     x2, x2, x3
        orr     x0, x0, x2
        add     x19, x0, #0x55
        .endif
        bl      cpu_init
        bl      forget
        str     x19, [x1, #8]
        dsb     sy
        cmp     x19, #0x55
        b.ne    park
        bl      wait
        imm     x0, 0x04000001
        msr     s3_0_c12_c11_5, x0
        .ifdef  SPIN_TABLE
        b       park
        .endif
        imm     x0, 0x84000002                  // CPU_OFF
        firmware
park:   wfi
        b       park

put_hex:
        imm     x10, 0x09000000
        mov     x11, #60
1:      lsr     x12, x20, x11
        and     x12, x12, #15
        cmp     x12, #10
        add     x13, x12, #'0'
        add     x14, x12, #('a' - 10)
        csel    x13, x13, x14, lo
        strb    w13, [x10]
        subs    x11, x11, #4
        b.pl    1b
        mov     w13, #'\n'
        strb    w13, [x10]
        ret
