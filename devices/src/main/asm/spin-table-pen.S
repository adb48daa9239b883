// Where secondary CPUs wait for a kernel that starts them by spin-table (Documentation/arch/arm64/booting.rst).
// Entered with the MMU off, so every load is Device-nGnRnE and sees memory at the PoC, past all caches.
// The release words follow the code at RELEASE_WORDS, one cache line for each CPU; Aff0 tells which.
//
// After a change: aarch64-linux-gnu-as and objcopy -O binary give the words for SpinTablePen.CODE;
// SpinTablePenTest compares them.

        .equ    RELEASE_WORDS, 0x100

pen:
        mrs     x5, mpidr_el1
        and     x5, x5, #0xff
        adr     x6, pen + RELEASE_WORDS
        add     x6, x6, x5, lsl #6
1:      ldr     x4, [x6]
        cbnz    x4, 2f
        wfe
        b       1b
2:      mov     x0, xzr
        mov     x1, xzr
        mov     x2, xzr
        mov     x3, xzr
        br      x4
