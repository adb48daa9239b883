// Entry of a benchmark image: x0 seed, x19 iterations; the result of the last in x21, then a model call.
.section .text.start, "ax"
    mov x20, x0
1:  mov x0, x20
    bl work
    mov x21, x0
    subs x19, x19, #1
    b.ne 1b
    hlt #1
