// Page tables written with the MMU off, and switching it on.
.include "macros.inc"

.equ PTE_TABLE,     0x3
.equ PTE_PAGE,      0x703                   // valid, page, AF, inner shareable, AttrIndx 0
.equ PTE_TEXT,      PTE_PAGE | 1 << 7       // read-only; UXN is added below
.equ UXN,           1 << 54
.equ PXN,           1 << 53

.section .head.text, "ax"

// Identity map and kernel map of the image. The stores go to memory; lines of these tables that were fetched before are
// stale, so they are invalidated before any walk may hit them. x19 as in primary_entry; clobbers x0-x15, x23-x24.
FUNCTION create_idmap
    mov x24, x30
    adr_l x0, idmap_pg_dir
    adr_l x1, _pgtables_end
1:  stp xzr, xzr, [x0], #16
    cmp x0, x1
    b.lo 1b

    adr_l x23, pgtable_pool
    adr_l x0, idmap_pg_dir
    mov x1, x22
    bl map_image
    adr_l x0, swapper_pg_dir
    mov_q x1, KIMAGE_VADDR
    bl map_image
    adr_l x0, pgtable_next
    str x23, [x0]

    cbnz x19, 2f
    dmb sy
    adr_l x0, idmap_pg_dir
    adr_l x1, _pgtables_end
    bl dcache_inval_poc
2:  mov x30, x24
    ret
END create_idmap

// x0 root, x1 virtual address of the image: text read-only and executable, the rest writable and not.
FUNCTION map_image
    mov x15, x30
    mov x2, x22
    adr_l x3, _etext
    sub x3, x3, x22
    mov_q x4, (UXN | PTE_TEXT)
    bl map_pages
    adr_l x2, _etext
    adr_l x3, _end
    sub x3, x3, x2
    mov_q x4, (UXN | PXN | PTE_PAGE)
    bl map_pages
    mov x30, x15
    ret
END map_image

// x0 root, x1 virtual, x2 physical, x3 bytes, x4 attributes, x23 next free table page; returns x1 after the range. Four levels.
FUNCTION map_pages
    add x3, x1, x3
1:  mov x5, x0
    mov x6, #39
2:  lsr x7, x1, x6
    and x7, x7, #0x1ff
    add x5, x5, x7, lsl #3
    cmp x6, #12
    b.eq 4f
    ldr x8, [x5]
    cbnz x8, 3f
    orr x8, x23, #PTE_TABLE
    str x8, [x5]
    add x23, x23, #PAGE_SIZE
3:  and x5, x8, #~0xfff
    and x5, x5, #0xffffffffffff
    sub x6, x6, #9
    b 2b
4:  orr x7, x2, x4
    str x7, [x5]
    add x1, x1, #PAGE_SIZE
    add x2, x2, #PAGE_SIZE
    cmp x1, x3
    b.lo 1b
    ret
END map_pages

// Translation set-up of EL1, MMU still off. Returns in x0 the value for SCTLR_EL1.
FUNCTION cpu_setup
    tlbi vmalle1
    dsb nsh
    msr cpacr_el1, xzr
    mov x9, #(1 << 12)                      // MDSCR_EL1.TDCC
    msr mdscr_el1, x9
    mov_q x9, 0x000000040044ffff            // WB, WB (tagged), NC, nGnRnE, nGnRE
    msr mair_el1, x9
    // T0SZ and T1SZ 16; inner and outer write-back walks, inner shareable; 4 KiB granules; A1; 16-bit ASIDs; TBI0.
    mov_q x9, (16 | 16 << 16 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 24 | 1 << 26 | 3 << 28 | 2 << 30 | 1 << 22 | 1 << 36 | 1 << 37)
    mrs x10, id_aa64mmfr0_el1
    and x10, x10, #0xf
    mov x11, #5                             // 48 bits: the most that 4 KiB granules reach without LPA2
    cmp x10, x11
    csel x10, x10, x11, lo
    bfi x9, x10, #32, #3
    msr tcr_el1, x9
    mov_q x0, SCTLR_EL1_MMU_ON
    ret
END cpu_setup

// x0 from cpu_setup. Returns with the MMU on, at the same (identity mapped) address.
FUNCTION enable_mmu
    mrs x9, id_aa64mmfr0_el1
    ubfx x9, x9, #28, #4                    // TGran4: signed, negative means absent
    tbnz x9, #3, 1f
    adr_l x9, idmap_pg_dir
    adr_l x10, swapper_pg_dir
    msr ttbr0_el1, x9
    msr ttbr1_el1, x10
    isb
    msr sctlr_el1, x0
    isb
    ic iallu
    dsb nsh
    isb
    ret
1:  hlt #CALL_BOOT_FAILURE
    b 1b
END enable_mmu

.section .pgtables, "aw", %nobits
.p2align 12
.global idmap_pg_dir, swapper_pg_dir, reserved_pg_dir, pgtable_pool
idmap_pg_dir:
    .skip PAGE_SIZE
swapper_pg_dir:
    .skip PAGE_SIZE
reserved_pg_dir:
    .skip PAGE_SIZE
// Tables of the two maps; what is left of them serves the fixmap.
pgtable_pool:
    .skip PAGE_SIZE * PGTABLE_POOL_PAGES
.global pgtable_next
pgtable_next:
    .skip PAGE_SIZE
