// Relocation routines, each copied to the control page and run there. What they do in which order is what the kernels of the
// era do: arch/arm64/kernel/relocate_kernel.S of v4.8 to v5.15, of the kern_reloc_arg series, and of v5.16 on. Each is
// assembled with and without its cache maintenance of the destination.
.include "macros.inc"

.section .rodata

// Follows the list with physical addresses, MMU off. x14 next word (physical), x16 current word, x18 head as given.
.macro relocate_physical invalidate
    mov x14, xzr
    mov x13, xzr
    // A finished list: everything is in place.
    tbnz x16, #IND_DONE_BIT, .Ldone\@
    dcache_line x15, x0
.Lloop\@:
    and x12, x16, #~(PAGE_SIZE - 1)
    tbz x16, #IND_SOURCE_BIT, .Lindirection\@
    .if \invalidate
    mov x0, x13
    add x1, x0, #PAGE_SIZE
    dcache_range ivac, x0, x1, x15, x2
    dsb sy
    .endif
    mov x20, x13
    mov x21, x12
    copy_page x20, x21, x0, x1, x2, x3, x4, x5, x6, x7
    add x13, x13, #PAGE_SIZE
    b .Lnext\@
.Lindirection\@:
    tbz x16, #IND_INDIRECTION_BIT, .Ldestination\@
    mov x14, x12
    b .Lnext\@
.Ldestination\@:
    tbz x16, #IND_DESTINATION_BIT, .Lnext\@
    mov x13, x12
.Lnext\@:
    ldr x16, [x14], #8
    tbz x16, #IND_DONE_BIT, .Lloop\@
.Ldone\@:
    dsb nsh
    ic iallu
    dsb nsh
    isb
.endm

// EL2 reached by the hyp stub has its MMU off already; a kernel that ran at EL2 has not.
.macro el2_mmu_off
    mrs x0, CurrentEL
    cmp x0, #(2 << 2)
    b.ne .Lel1\@
    mrs x0, sctlr_el2
    mov x1, #0x1005                         // M, C, I
    bic x0, x0, x1
    msr sctlr_el2, x0
    isb
.Lel1\@:
.endm

// x0 head, x1 entry, x2 DTB.
.macro relocate_v4_8 name, invalidate
    .p2align 3
    .global \name, \name\()_end
\name:
    mov x16, x0
    mov x17, x1
    mov x19, x2
    el2_mmu_off
    relocate_physical \invalidate
    mov x0, x19
    mov x1, xzr
    mov x2, xzr
    mov x3, xzr
    br x17
\name\()_end:
.endm

// x0 physical address of struct kern_reloc_arg.
.macro relocate_arg name, invalidate
    .p2align 3
    .global \name, \name\()_end
\name:
    mov x19, x0
    el2_mmu_off
    ldr x16, [x19, #RELOC_ARG_HEAD]
    ldr x17, [x19, #RELOC_ARG_ENTRY]
    relocate_physical \invalidate
    ldp x0, x1, [x19, #RELOC_ARG_ARG0]
    ldp x2, x3, [x19, #RELOC_ARG_ARG2]
    br x17
\name\()_end:
.endm

// x0 linear address of struct kimage, MMU on; the control page is identity mapped by TTBR0.
.macro relocate_v5_16 name, clean
    .p2align 3
    .global \name, \name\()_end
\name:
    // struct kimage may itself be a destination: everything is read before the first copy.
    ldr x28, [x0, #KIMAGE_START]
    ldr x27, [x0, #KIMAGE_EL2_VECTORS]
    ldr x26, [x0, #KIMAGE_DTB_MEM]
    ldr x18, [x0, #KIMAGE_ZERO_PAGE]
    ldr x17, [x0, #KIMAGE_TTBR1]
    ldr x16, [x0, #KIMAGE_HEAD]
    ldr x22, [x0, #KIMAGE_PHYS_OFFSET]
    dcache_line x15, x1
    msr ttbr1_el1, x18
    isb
    tlbi vmalle1
    dsb nsh
    msr ttbr1_el1, x17
    isb
.Lloop\@:
    and x12, x16, #~(PAGE_SIZE - 1)
    sub x12, x12, x22
    tbz x16, #IND_SOURCE_BIT, .Lindirection\@
    mov x19, x13
    copy_page x13, x12, x1, x2, x3, x4, x5, x6, x7, x8
    .if \clean
    add x1, x19, #PAGE_SIZE
    dcache_range civac, x19, x1, x15, x20
    dsb sy
    .endif
    b .Lnext\@
.Lindirection\@:
    tbz x16, #IND_INDIRECTION_BIT, .Ldestination\@
    mov x14, x12
    b .Lnext\@
.Ldestination\@:
    tbz x16, #IND_DESTINATION_BIT, .Lnext\@
    mov x13, x12
.Lnext\@:
    ldr x16, [x14], #8
    tbz x16, #IND_DONE_BIT, .Lloop\@
    dsb nsh
    ic iallu
    dsb nsh
    isb
    mov_q x12, SCTLR_EL1_MMU_OFF
    msr sctlr_el1, x12
    isb
    cbz x27, .Lel1\@
    mov x1, x28
    mov x2, x26
    mov x3, xzr
    mov x4, xzr
    mov x0, #HVC_SOFT_RESTART
    hvc #0
.Lel1\@:
    mov x0, x26
    mov x1, xzr
    mov x2, xzr
    mov x3, xzr
    br x28
\name\()_end:
.endm

relocate_v4_8 relocate_v4_8, 1
relocate_v4_8 relocate_v4_8_no_invalidate, 0
relocate_arg relocate_reloc_arg, 1
relocate_arg relocate_reloc_arg_no_invalidate, 0
relocate_v5_16 relocate_v5_16, 1
relocate_v5_16 relocate_v5_16_no_clean, 0
