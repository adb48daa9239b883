// EL1 vectors. Everything is masked while the model runs, and it has no user space: whatever arrives here is an oops, and the
// model prints it from untouched registers.
.include "macros.inc"

.section .text, "ax"
.p2align 11
.global vectors
vectors:
.set index, 0
.rept 16
    .p2align 7
    hlt #(CALL_EXCEPTION + index)
    b halt
    .set index, index + 1
.endr
