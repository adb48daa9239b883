// From the exception level of entry to EL1, and the stub that stays behind at EL2.
// Calls and their effects: arch/arm64/include/asm/virt.h, kernel/hyp-stub.S.
.include "macros.inc"

.section .head.text, "ax"

// Returns the boot mode in x0, at EL1, everything masked, MMU off. The MMU may be on, with this code identity mapped.
FUNCTION init_kernel_el
    mrs x9, CurrentEL
    cmp x9, #(2 << 2)
    b.eq init_el2
    b.lo 1f
2:  hlt #CALL_BOOT_FAILURE                  // EL3: booting.rst forbids it
    b 2b
1:  mov_q x9, SCTLR_EL1_MMU_OFF
    msr sctlr_el1, x9
    isb
    mov x9, #SPSR_EL1H_MASKED
    msr spsr_el1, x9
    msr elr_el1, x30
    mov w0, #BOOT_CPU_MODE_EL1
    eret
END init_kernel_el

FUNCTION init_el2
    mov_q x9, HCR_RW
    msr hcr_el2, x9
    isb
    msr sctlr_el2, xzr
    isb
    mov x9, #3                              // CNTHCTL_EL2: EL1PCTEN, EL1PCEN
    msr cnthctl_el2, x9
    msr cntvoff_el2, xzr
    msr mdcr_el2, xzr
    msr vttbr_el2, xzr
    mrs x9, id_aa64pfr0_el1
    ubfx x9, x9, #24, #4                    // GIC: CPU interface in system registers
    cbz x9, 2f
    mrs x9, s3_4_c12_c9_5                   // ICC_SRE_EL2
    orr x9, x9, #1                          // SRE
    orr x9, x9, #(1 << 3)                   // Enable
    msr s3_4_c12_c9_5, x9
    isb
    msr s3_4_c12_c11_0, xzr                 // ICH_HCR_EL2
2:  msr hstr_el2, xzr
    mrs x9, midr_el1
    msr vpidr_el2, x9
    mrs x9, mpidr_el1
    msr vmpidr_el2, x9
    mov x9, #CPTR_EL2_NO_TRAPS
    msr cptr_el2, x9
    adr_l x9, hyp_stub_vectors
    msr vbar_el2, x9
    isb
    mov_q x9, SCTLR_EL1_MMU_OFF
    msr sctlr_el1, x9
    mov x9, #SPSR_EL1H_MASKED
    msr spsr_el2, x9
    msr elr_el2, x30
    mov w0, #BOOT_CPU_MODE_EL2
    eret
END init_el2

// A vector that nothing should come to: tell the model which, then stay.
.macro el2_unexpected index
    .p2align 7
    hlt #(CALL_EL2_EXCEPTION + \index)
    b .
.endm

.macro el2_call handler
    .p2align 7
    b \handler
.endm

.p2align 11
.global hyp_stub_vectors
hyp_stub_vectors:
    el2_unexpected 0
    el2_unexpected 1
    el2_unexpected 2
    el2_unexpected 3
    el2_call stub_call                      // EL2h, synchronous
    el2_unexpected 5
    el2_unexpected 6
    el2_unexpected 7
    el2_call stub_call                      // EL1 in AArch64, synchronous
    el2_unexpected 9
    el2_unexpected 10
    el2_unexpected 11
    el2_unexpected 12
    el2_unexpected 13
    el2_unexpected 14
    el2_unexpected 15

// Exactly three arguments survive: the entry needs a register, and x0 the number of the call.
.macro soft_restart
    mov x0, x2
    mov x2, x4
    mov x4, x1
    mov x1, x3
    br x4
.endm

FUNCTION stub_call
    cmp x0, #HVC_SET_VECTORS
    b.ne 1f
    msr vbar_el2, x1
    b 3f
1:  cmp x0, #HVC_SOFT_RESTART
    b.ne 2f
    soft_restart
2:  cmp x0, #HVC_RESET_VECTORS
    b.eq 3f
    mov_q x0, HVC_STUB_ERR
    eret
3:  mov x0, xzr
    eret
END stub_call

// What relocation leaves behind at EL2, in a page of its own: position independent, 2 KiB, no reset.
.p2align 11
.global el2_vectors_copy, el2_vectors_copy_end
el2_vectors_copy:
    el2_unexpected 0
    el2_unexpected 1
    el2_unexpected 2
    el2_unexpected 3
    el2_unexpected 4
    el2_unexpected 5
    el2_unexpected 6
    el2_unexpected 7
    .p2align 7
    cmp x0, #HVC_SET_VECTORS
    b.ne 1f
    msr vbar_el2, x1
    mov x0, xzr
    eret
1:  cmp x0, #HVC_SOFT_RESTART
    b.ne 2f
    soft_restart
2:  mov_q x0, HVC_STUB_ERR
    eret
    el2_unexpected 9
    el2_unexpected 10
    el2_unexpected 11
    el2_unexpected 12
    el2_unexpected 13
    el2_unexpected 14
    el2_unexpected 15
    .p2align 7
el2_vectors_copy_end:
