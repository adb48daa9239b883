// Maintenance by address. x0 start, x1 end of the range; reach from MMU-off code and, by the model, from kernel mappings.
.include "macros.inc"

.section .head.text, "ax"

// A line only partly inside the range is cleaned too: its other bytes are somebody's.
FUNCTION dcache_inval_poc
    dcache_line x2, x3
    sub x3, x2, #1
    tst x1, x3
    bic x1, x1, x3
    b.eq 1f
    dc civac, x1
1:  tst x0, x3
    bic x0, x0, x3
    b.eq 2f
    dc civac, x0
    b 3f
2:  dc ivac, x0
3:  add x0, x0, x2
    cmp x0, x1
    b.lo 2b
    dsb sy
    ret
END dcache_inval_poc

FUNCTION dcache_clean_poc
    dcache_line x2, x3
    dcache_range cvac, x0, x1, x2, x3
    dsb sy
    ret
END dcache_clean_poc

FUNCTION dcache_clean_inval_poc
    dcache_line x2, x3
    dcache_range civac, x0, x1, x2, x3
    dsb sy
    ret
END dcache_clean_inval_poc

FUNCTION caches_clean_inval_pou
    mov x4, x0
    dcache_line x2, x3
    dcache_range cvau, x0, x1, x2, x3
    dsb ish
    icache_line x2, x3
    sub x3, x2, #1
    bic x0, x4, x3
1:  ic ivau, x0
    add x0, x0, x2
    cmp x0, x1
    b.lo 1b
    dsb ish
    isb
    ret
END caches_clean_inval_pou

// The kernel's own tables changed from invalid to valid: order the stores before the next walk.
FUNCTION table_written
    dsb ishst
    isb
    ret
END table_written

// A live entry of the kernel's tables changed. x0 virtual address.
FUNCTION flush_tlb_page
    dsb ishst
    lsr x0, x0, #12
    and x0, x0, #0xfffffffffff
    tlbi vaale1is, x0
    dsb ish
    isb
    ret
END flush_tlb_page

FUNCTION flush_tlb_all
    dsb ishst
    tlbi vmalle1is
    dsb ish
    isb
    ret
END flush_tlb_all

FUNCTION send_event
    dsb ishst
    sev
    ret
END send_event
