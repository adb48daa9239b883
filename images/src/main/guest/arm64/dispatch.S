// The boot CPU between model calls: asks what is next, does it with real instructions, asks again with the result in x0 and x1.
.include "macros.inc"

.section .text, "ax"

FUNCTION dispatch
    // Event stream of the virtual counter, bit 12: an event every 131 us at 62.5 MHz, to end polling in WFE.
    mov x9, #(12 << 4 | 1 << 2)
    msr cntkctl_el1, x9
    isb
1:  hlt #CALL_RUN
    cmp x0, #ACTION_COUNT
    b.hs halt
    adr x9, actions
    ldrsw x10, [x9, x0, lsl #2]
    add x9, x9, x10
    mov x0, x1
    mov x1, x2
    mov x2, x3
    mov x3, x4
    mov x4, x5
    mov x5, x6
    blr x9
    b 1b
END dispatch

.macro action name
    .word \name - actions
.endm

.p2align 2
actions:
    action action_none
    action psci_hvc
    action psci_smc
    action wait_flag
    action wait_cpu_off
    action halt
    action hvc_set_vectors
    action kexec_soft_restart
    action kexec_relocate

FUNCTION action_none
    ret
END action_none

FUNCTION psci_hvc
    hvc #0
    ret
END psci_hvc

// x0 physical address of the new EL2 vectors
FUNCTION hvc_set_vectors
    mov x1, x0
    mov x0, #HVC_SET_VECTORS
    hvc #0
    ret
END hvc_set_vectors
