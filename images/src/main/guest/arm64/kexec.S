// Leaving the kernel's own mappings for the next kernel: arch/arm64/kernel/cpu-reset.S and machine_kexec.c, v4.8 to v7.2.
.include "macros.inc"

.section .text, "ax"

// TTBR0 := x9 by way of the empty table, so that no walk mixes the two.
.macro install_ttbr0 tmp
    adr_l \tmp, reserved_pg_dir
    kernel_phys \tmp, x11
    msr ttbr0_el1, \tmp
    isb
    dsb nshst
    tlbi vmalle1
    dsb nsh
    isb
    msr ttbr0_el1, x9
    isb
.endm

// Physical address of an image address that adr_l gave us through the kernel mapping.
.macro kernel_phys reg, tmp
    mov_q \tmp, KIMAGE_VADDR
    sub \reg, \reg, \tmp
    adr_l \tmp, kimage_phys
    ldr \tmp, [\tmp]
    add \reg, \reg, \tmp
.endm

// x0 leave by EL2, x1 entry, x2-x4 its arguments, x5 era of cpu_soft_restart: 0 clears bits of SCTLR_EL1, 1 writes it whole.
FUNCTION kexec_soft_restart
    msr daifset, #0xf
    adr_l x9, idmap_pg_dir
    kernel_phys x9, x11
    install_ttbr0 x10
    adr_l x8, cpu_soft_restart
    adr_l x9, cpu_soft_restart_bits
    cmp x5, #0
    csel x8, x9, x8, eq
    kernel_phys x8, x11
    br x8
END kexec_soft_restart

// v5.16 on. x0 linear address of struct kimage, x1 root of the control page's own identity map, x2 control page (physical).
FUNCTION kexec_relocate
    msr daifset, #0xf
    mov x9, x1
    install_ttbr0 x10
    br x2
END kexec_relocate

.section .head.text, "ax"

// Runs identity mapped. v5.16 on.
FUNCTION cpu_soft_restart
    mov_q x12, SCTLR_EL1_MMU_OFF
    msr sctlr_el1, x12
    isb
    b restart
END cpu_soft_restart

// As before v5.16: what the kernel did not know of stays as it was.
FUNCTION cpu_soft_restart_bits
    mrs x12, sctlr_el1
    mov x13, #SCTLR_M_A_C_SA_I
    bic x12, x12, x13
    msr sctlr_el1, x12
    isb
    b restart
END cpu_soft_restart_bits

FUNCTION restart
    cbz x0, 1f
    mov x0, #HVC_SOFT_RESTART
    hvc #0
1:  mov x8, x1
    mov x0, x2
    mov x1, x3
    mov x2, x4
    br x8
END restart

.section .data
.p2align 3
// Physical address of _head, written by the model at start.
.global kimage_phys
kimage_phys:
    .quad 0
