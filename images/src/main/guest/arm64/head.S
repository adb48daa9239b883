// Image header and the way from it to the model: MMU off, at EL1 or EL2, until START_KERNEL with the MMU on at EL1.
// Documentation/arch/arm64/booting.rst says in which state we come here.
.include "macros.inc"

.section .head.text, "ax"
.global _head
_head:
    ccmp x18, #0, #0xd, pl              // code0: "MZ" to PE loaders, otherwise nothing
    b primary_entry                     // code1
    .quad 0                             // text_offset
    .quad _image_size
    .quad 0xa                           // little-endian, 4 KiB pages, anywhere in memory
    .quad 0, 0, 0
    .ascii "ARM\x64"
    .word 0

// x19 MMU was on at entry, x20 mode of entry, x21 DTB, x22 physical base of the image
FUNCTION primary_entry
    bl record_mmu_state
    bl preserve_boot_args
    adr_l x22, _head
    bl create_idmap
    cbz x19, 1f
    // Entered with MMU and caches on: what follows runs from memory, so clean it.
    adr_l x0, _head
    adr_l x1, _end
    bl dcache_clean_poc
1:  bl init_kernel_el
    mov x20, x0
    bl cpu_setup
    bl enable_mmu
    mov_q x8, KIMAGE_VADDR
    adr_l x9, primary_switched
    sub x9, x9, x22
    add x8, x8, x9
    br x8
END primary_entry

// Only M and C together count as "on".
FUNCTION record_mmu_state
    mrs x9, CurrentEL
    cmp x9, #(2 << 2)
    mrs x19, sctlr_el1
    b.ne 1f
    mrs x19, sctlr_el2
1:  mov x9, #SCTLR_M_C
    and x19, x19, x9
    cmp x19, x9
    cset x19, eq
    ret
END record_mmu_state

// x0-x3 as the loader left them, for the model to judge. Stored past the caches, so stale lines over them must go.
FUNCTION preserve_boot_args
    mov x21, x0
    adr_l x9, boot_args
    stp x0, x1, [x9]
    stp x2, x3, [x9, #16]
    mrs x10, DAIF
    str x10, [x9, #32]
    mrs x10, CurrentEL
    str x10, [x9, #40]
    str x19, [x9, #48]
    cbnz x19, 1f
    dmb sy
    mov x0, x9
    add x1, x9, #64
    b dcache_inval_poc
1:  ret
END preserve_boot_args

FUNCTION primary_switched
    adr_l x9, vectors
    msr vbar_el1, x9
    isb
    adr_l x9, boot_stacks
    add x9, x9, #STACK_SIZE
    mov sp, x9
    bl clear_bss
    adr_l x9, boot_cpu_mode
    str w20, [x9]
    mov x0, x21
    adr_l x1, model_id
    ldr x1, [x1]
    mov x2, x22
    mov x3, x20
    mov x4, x19
    adr_l x5, boot_args
    hlt #CALL_START_KERNEL
    b dispatch
END primary_switched

// With the MMU on: what lay there before the image may be anything.
FUNCTION clear_bss
    adr_l x0, _bss
    adr_l x1, _ebss
1:  stp xzr, xzr, [x0], #16
    cmp x0, x1
    b.lo 1b
    ret
END clear_bss

.section .data
.p2align 6
// A line of its own: it is written with the MMU off and invalidated.
.global boot_args
boot_args:
    .fill 8, 8, 0

.section .rodata
.p2align 3
// Which modelled kernel this image is. Written by whoever makes the image of a chain; 0 in the built image.
.global model_id
model_id:
    .quad 0
