package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;

/** What arm64 prints when an exception has no handler: arch/arm64/kernel/traps.c, {@code die} and {@code show_regs}. */
final class Oops {
    private static final String[] KINDS = {"Synchronous", "IRQ", "FIQ", "SError"};
    private static final String[] SOURCES = {"EL%dt", "EL%dh", "lower EL in AArch64", "lower EL in AArch32"};

    private final Kernel kernel;

    Oops(Kernel kernel) {
        this.kernel = kernel;
    }

    void print(int vector, boolean el2) {
        Cpu cpu = kernel.cpu();
        int level = el2 ? 2 : 1;
        String suffix = "_el" + level;
        long esr = cpu.register("esr" + suffix);
        String what = "Internal error: %s exception from %s: ESR 0x%016x (EC 0x%02x: %s), FAR 0x%016x".formatted(KINDS[vector & 3],
                SOURCES[vector >> 2].formatted(level), esr, esr >>> 26 & 0x3f, name((int) (esr >>> 26 & 0x3f)),
                cpu.register("far" + suffix));
        kernel.error(what);
        long pc = cpu.register("elr" + suffix);
        kernel.printk("CPU: %d  pc : %s".formatted(cpu.index(), place(pc)));
        kernel.printk("lr : %s".formatted(place(cpu.argument(30))));
        kernel.printk("sp : %016x  pstate: %08x".formatted(cpu.register("sp"), cpu.register("spsr" + suffix)));
        for (int i = 29; i >= 0; i -= 3) {
            StringBuilder line = new StringBuilder();
            for (int r = i; r > Math.max(-1, i - 3); r--) {
                line.append("x%-2d: %016x ".formatted(r, cpu.argument(r)));
            }
            kernel.printk(line.toString().stripTrailing());
        }
        kernel.printk("---[ end trace ]---");
        kernel.error("Kernel panic - not syncing: Oops: Fatal exception");
    }

    /** Address with the image's symbol, as {@code %pS}. */
    private String place(long address) {
        String symbol = kernel.image.symbolAt(address);
        return symbol.isEmpty() ? "0x%016x".formatted(address) : "0x%016x (%s)".formatted(address, symbol);
    }

    /** Exception classes, Arm ARM D24.2.40 (ESR_EL1). */
    private static String name(int ec) {
        return switch (ec) {
            case 0x00 -> "unknown reason";
            case 0x0e -> "illegal execution state";
            case 0x15 -> "SVC";
            case 0x16 -> "HVC";
            case 0x17 -> "SMC";
            case 0x18 -> "trapped MSR, MRS or system instruction";
            case 0x20, 0x21 -> "instruction abort";
            case 0x22 -> "PC alignment";
            case 0x24, 0x25 -> "data abort";
            case 0x26 -> "SP alignment";
            case 0x2f -> "SError";
            case 0x3c -> "BRK";
            default -> "other";
        };
    }
}
