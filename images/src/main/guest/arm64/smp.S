// Secondary CPUs: from PSCI CPU_ON or from the firmware's spin table to an idle loop, and off again.
.include "macros.inc"

.section .head.text, "ax"

// Spin table: every CPU whose release address was written comes here and waits for its turn.
FUNCTION secondary_holding_pen
    bl init_kernel_el
    mrs x9, mpidr_el1
    mov_q x10, 0xff00ffffff                 // affinity fields
    and x9, x9, x10
    adr_l x11, secondary_holding_pen_release
1:  ldr x12, [x11]
    cmp x12, x9
    b.eq secondary_startup
    wfe
    b 1b
END secondary_holding_pen

// PSCI CPU_ON. Same exception level and MMU state as the boot CPU found.
FUNCTION secondary_entry
    bl init_kernel_el
    b secondary_startup
END secondary_entry

FUNCTION secondary_startup
    mov x20, x0
    bl cpu_setup
    bl enable_mmu
    adr_l x22, _head
    mov_q x8, KIMAGE_VADDR
    adr_l x9, secondary_switched
    sub x9, x9, x22
    add x8, x8, x9
    br x8
END secondary_startup

// x19 this CPU's number, x20 mode of entry, x21 its mailbox
FUNCTION secondary_switched
    adr_l x9, vectors
    msr vbar_el1, x9
    isb
    adr_l x9, secondary_data
    ldr x10, [x9, #SECONDARY_STACK]
    mov sp, x10
    ldr x19, [x9, #SECONDARY_CPU]
    adr_l x21, mailboxes
    add x21, x21, x19, lsl #MAILBOX_SHIFT
    mov x0, x19
    mov x1, x20
    mrs x2, mpidr_el1
    hlt #CALL_SECONDARY_START
    mov x9, #1
    str x9, [x21, #MAILBOX_ONLINE]
    dsb ishst
    sev
1:  ldr x9, [x21, #MAILBOX_COMMAND]
    cmp x9, #COMMAND_OFFLINE
    b.eq cpu_offline
    wfe
    b 1b
END secondary_switched

// Ends in PSCI CPU_OFF: power down, standby not accepted.
FUNCTION cpu_offline
    mov x0, x19
    hlt #CALL_SECONDARY_OFFLINE
    str xzr, [x21, #MAILBOX_ONLINE]
    dsb ishst
    mov_q x0, PSCI_CPU_OFF
    mov x1, #(1 << 16)
    bl psci_call
    // CPU_OFF came back: refused.
    b halt
END cpu_offline

.section .text, "ax"

// PSCI by the conduit of the device tree. x0 function, x1-x3 arguments; x0 result.
FUNCTION psci_call
    adr_l x9, psci_conduit
    ldr w9, [x9]
    cmp w9, #ACTION_PSCI_SMC
    b.eq psci_smc
    hvc #0
    ret
END psci_call

FUNCTION psci_smc
    smc #0
    ret
END psci_smc

// x0 address of a 64-bit flag, x1 most ticks of the virtual counter. x0 the flag, 0 after the time is over.
FUNCTION wait_flag
    mrs x9, cntvct_el0
    add x1, x1, x9
1:  ldar x9, [x0]
    cbnz x9, 2f
    mrs x10, cntvct_el0
    cmp x10, x1
    b.hs 2f
    wfe                                     // the event stream ends it
    b 1b
2:  mov x0, x9
    ret
END wait_flag

// x0 MPIDR, x1 most ticks. x0 the last answer of AFFINITY_INFO, x1 the ticks that passed.
FUNCTION wait_cpu_off
    stp x29, x30, [sp, #-48]!
    stp x19, x20, [sp, #16]
    stp x21, x22, [sp, #32]
    mov x19, x0
    mrs x20, cntvct_el0
    add x21, x20, x1
1:  mov_q x0, PSCI_AFFINITY_INFO
    mov x1, x19
    mov x2, xzr
    bl psci_call
    mrs x22, cntvct_el0
    cmp x0, #PSCI_AFFINITY_OFF
    b.eq 2f
    cmp x22, x21
    b.hs 2f
    wfe
    b 1b
2:  sub x1, x22, x20
    ldp x19, x20, [sp, #16]
    ldp x21, x22, [sp, #32]
    ldp x29, x30, [sp], #48
    ret
END wait_cpu_off

// For good: everything is masked.
FUNCTION halt
    wfi
    b halt
END halt

.section .data
.p2align 6
// Read with the MMU off by CPUs in the pen, so it lives at the PoC; a line of its own. No CPU has this number.
.global secondary_holding_pen_release
secondary_holding_pen_release:
    .quad -1
    .fill 7, 8, 0
.global psci_conduit
psci_conduit:
    .word 0
    .p2align 3

.section .bss, "aw", %nobits
.p2align 12
.global boot_stacks, mailboxes, secondary_data, boot_cpu_mode
boot_stacks:
    .skip STACK_SIZE * MAX_CPUS
.p2align 6
mailboxes:
    .skip MAX_CPUS << MAILBOX_SHIFT
secondary_data:
    .skip 64
boot_cpu_mode:
    .skip 16
// Filled by the model: the fixmap's tables and the page that stands for "nothing".
.p2align 12
.global fixmap_l1, fixmap_l2, fixmap_l3, empty_zero_page
fixmap_l1:
    .skip PAGE_SIZE
fixmap_l2:
    .skip PAGE_SIZE
fixmap_l3:
    .skip PAGE_SIZE
empty_zero_page:
    .skip PAGE_SIZE
