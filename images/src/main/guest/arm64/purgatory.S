// What kexec_load(2) enters between the kernels: SHA-256 (FIPS 180-4) over the loaded segments, then the kernel, or never.
// As purgatory of kexec-tools 2.0 does it: MMU off, own stack, silent without a UART, x17 to the kernel. All data accesses are
// aligned: the memory is Device to us.
.include "macros.inc"

.equ MAX_REGIONS, 16

.section .head.text, "ax"
.global _head
_head:
FUNCTION purgatory_start
    adr_l x19, stack_end
    mov sp, x19
    bl verify_digest
    cbnz x0, 1f
    adr_l x9, kernel_entry
    ldr x17, [x9]
    ldr x0, [x9, #8]                        // dtb_address
    mov x1, xzr
    mov x2, xzr
    mov x3, xzr
    br x17
1:  bl complain
2:  b 2b
END purgatory_start

// x0 = 0 if the regions hash to sha256_digest.
FUNCTION verify_digest
    stp x29, x30, [sp, #-32]!
    stp x20, x21, [sp, #16]
    adr_l x25, sha_state
    adr_l x9, sha_initial
    ldp x0, x1, [x9]
    stp x0, x1, [x25]
    ldp x0, x1, [x9, #16]
    stp x0, x1, [x25, #16]
    mov x26, xzr                            // bytes so far
    adr_l x27, sha_block
    adr_l x20, sha256_regions
    add x21, x20, #(16 * MAX_REGIONS)
1:  ldp x23, x24, [x20], #16                // start, bytes; unused regions have none
    cbz x24, 2f
    bl sha_update
2:  cmp x20, x21
    b.lo 1b
    bl sha_finish
    adr_l x9, sha256_digest
    mov x0, xzr
    mov x10, xzr
3:  ldr w11, [x25, x10]
    rev w11, w11
    ldr w12, [x9, x10]
    eor w11, w11, w12
    orr x0, x0, x11
    add x10, x10, #4
    cmp x10, #32
    b.lo 3b
    ldp x20, x21, [sp, #16]
    ldp x29, x30, [sp], #32
    ret
END verify_digest

// x23 data, x24 bytes: whole words as long as both sides are aligned, else bytes. x26 counts, x27 the block.
FUNCTION sha_update
    stp x29, x30, [sp, #-16]!
1:  cbz x24, 4f
    and x9, x26, #63
    orr x10, x23, x9
    tst x10, #7
    b.ne 2f
    cmp x24, #8
    b.lo 2f
    ldr x11, [x23], #8
    str x11, [x27, x9]
    mov x12, #8
    b 3f
2:  ldrb w11, [x23], #1
    strb w11, [x27, x9]
    mov x12, #1
3:  sub x24, x24, x12
    add x26, x26, x12
    tst x26, #63
    b.ne 1b
    bl sha_transform
    b 1b
4:  ldp x29, x30, [sp], #16
    ret
END sha_update

// Padding: 0x80, zeroes, the length in bits, big-endian.
FUNCTION sha_finish
    stp x29, x30, [sp, #-16]!
    lsl x28, x26, #3
    mov w11, #0x80
1:  and x9, x26, #63
    strb w11, [x27, x9]
    add x26, x26, #1
    mov w11, wzr
    tst x26, #63
    b.ne 2f
    bl sha_transform
    mov w11, wzr
2:  and x9, x26, #63
    cmp x9, #56
    b.ne 1b
    rev x28, x28
    str x28, [x27, #56]
    bl sha_transform
    ldp x29, x30, [sp], #16
    ret
END sha_finish

// One block at x27 into the state at x25. a..h are w0..w7. Clobbers x8-x18.
FUNCTION sha_transform
    adr_l x8, sha_schedule
    mov x9, xzr
1:  ldr w10, [x27, x9]
    rev w10, w10
    str w10, [x8, x9]
    add x9, x9, #4
    cmp x9, #64
    b.lo 1b
    add x11, x8, #64
    add x12, x8, #256
2:  ldr w13, [x11, #-8]                     // W[t-2]
    ror w14, w13, #17
    eor w14, w14, w13, ror #19
    eor w14, w14, w13, lsr #10
    ldr w15, [x11, #-28]                    // W[t-7]
    add w14, w14, w15
    ldr w13, [x11, #-60]                    // W[t-15]
    ror w15, w13, #7
    eor w15, w15, w13, ror #18
    eor w15, w15, w13, lsr #3
    add w14, w14, w15
    ldr w15, [x11, #-64]                    // W[t-16]
    add w14, w14, w15
    str w14, [x11], #4
    cmp x11, x12
    b.lo 2b

    ldp w0, w1, [x25]
    ldp w2, w3, [x25, #8]
    ldp w4, w5, [x25, #16]
    ldp w6, w7, [x25, #24]
    adr_l x9, sha_constants
    mov x10, xzr
3:  ldr w11, [x9, x10]
    ldr w12, [x8, x10]
    add w11, w11, w12
    add w11, w11, w7                        // h + K + W
    ror w12, w4, #6
    eor w12, w12, w4, ror #11
    eor w12, w12, w4, ror #25
    add w11, w11, w12
    and w12, w4, w5
    bic w13, w6, w4
    eor w12, w12, w13                       // Ch
    add w11, w11, w12                       // T1
    ror w12, w0, #2
    eor w12, w12, w0, ror #13
    eor w12, w12, w0, ror #22
    and w13, w0, w1
    and w14, w0, w2
    eor w13, w13, w14
    and w14, w1, w2
    eor w13, w13, w14                       // Maj
    add w12, w12, w13                       // T2
    mov w7, w6
    mov w6, w5
    mov w5, w4
    add w4, w3, w11
    mov w3, w2
    mov w2, w1
    mov w1, w0
    add w0, w11, w12
    add x10, x10, #4
    cmp x10, #256
    b.lo 3b

    ldp w11, w12, [x25]
    add w11, w11, w0
    add w12, w12, w1
    stp w11, w12, [x25]
    ldp w11, w12, [x25, #8]
    add w11, w11, w2
    add w12, w12, w3
    stp w11, w12, [x25, #8]
    ldp w11, w12, [x25, #16]
    add w11, w11, w4
    add w12, w12, w5
    stp w11, w12, [x25, #16]
    ldp w11, w12, [x25, #24]
    add w11, w11, w6
    add w12, w12, w7
    stp w11, w12, [x25, #24]
    ret
END sha_transform

// One line to the UART's data register, if one was given.
FUNCTION complain
    adr_l x9, uart_sink
    ldr x9, [x9]
    cbz x9, 2f
    adr_l x10, mismatch_text
1:  ldrb w11, [x10], #1
    cbz w11, 2f
    strb w11, [x9]
    b 1b
2:  ret
END complain

.section .rodata
.p2align 4
sha_initial:
    .word 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
sha_constants:
    .word 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
    .word 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
    .word 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
    .word 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
    .word 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
    .word 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
    .word 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
    .word 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
mismatch_text:
    .asciz "purgatory: sha256 digests do not match\n"

.section .data
.p2align 4
// Written when the image is loaded.
.global kernel_entry, dtb_address, uart_sink, sha256_regions, sha256_digest
kernel_entry:
    .quad 0
dtb_address:
    .quad 0
uart_sink:
    .quad 0
    .quad 0
sha256_regions:
    .fill 2 * MAX_REGIONS, 8, 0
sha256_digest:
    .fill 32, 1, 0
sha_state:
    .fill 32, 1, 0
sha_block:
    .fill 64, 1, 0
sha_schedule:
    .fill 256, 1, 0
stack:
    .fill 512, 1, 0
stack_end:
