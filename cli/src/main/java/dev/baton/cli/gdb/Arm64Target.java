package dev.baton.cli.gdb;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * AArch64 as GDB describes it (GDB manual, "AArch64 Features"): {@code org.gnu.gdb.aarch64.core} and {@code .fpu}, and a feature of
 * ours with system registers.
 */
public final class Arm64Target implements Target {
    private static final int X = 31;
    private static final int PC = 32;
    private static final int CPSR = 33;
    private static final int V0 = 34;
    private static final int FPSR = V0 + 32;
    private static final int FPCR = FPSR + 1;
    private static final int SYSTEM = FPCR + 1;
    private static final int PAGE = 4096;
    private static final String DOCTYPE = "<?xml version=\"1.0\"?>\n<!DOCTYPE ";

    /** What kernel people look at; those that this CPU has. Reading any of them has no side effect. */
    private static final List<String> SYSTEM_REGISTERS = List.of(
            "sctlr_el1", "ttbr0_el1", "ttbr1_el1", "tcr_el1", "mair_el1", "vbar_el1", "esr_el1", "far_el1", "elr_el1", "spsr_el1",
            "sp_el0", "sp_el1", "par_el1", "cpacr_el1", "contextidr_el1", "tpidr_el0", "tpidrro_el0", "tpidr_el1", "mdscr_el1", "oslsr_el1",
            "cntkctl_el1", "cntv_ctl_el0", "cntv_cval_el0", "cntp_ctl_el0", "cntp_cval_el0", "cntfrq_el0", "midr_el1", "mpidr_el1",
            "ctr_el0", "dczid_el0", "clidr_el1", "id_aa64pfr0_el1", "id_aa64pfr1_el1", "id_aa64dfr0_el1", "id_aa64isar0_el1",
            "id_aa64isar1_el1", "id_aa64isar2_el1", "id_aa64mmfr0_el1", "id_aa64mmfr1_el1", "id_aa64mmfr2_el1",
            "hcr_el2", "sctlr_el2", "ttbr0_el2", "ttbr1_el2", "tcr_el2", "mair_el2", "vbar_el2", "esr_el2", "far_el2", "hpfar_el2",
            "elr_el2", "spsr_el2", "sp_el2", "vttbr_el2", "vtcr_el2", "cptr_el2", "mdcr_el2", "cnthctl_el2", "cntvoff_el2", "tpidr_el2");

    private final List<String> system = new ArrayList<>();

    /** @param cpu one of the machine's, all of which are alike */
    public Arm64Target(Cpu cpu) {
        for (String name : SYSTEM_REGISTERS) {
            if (has(cpu, name)) {
                system.add(name);
            }
        }
    }

    private static boolean has(Cpu cpu, String name) {
        try {
            cpu.register(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    // Description -------------------------------------------------------------------------------------------------------

    @Override
    public String document(String name) {
        return switch (name) {
            case "target.xml" -> DOCTYPE + """
                    target SYSTEM "gdb-target.dtd">
                    <target version="1.0"><architecture>aarch64</architecture><xi:include href="core.xml"/><xi:include href="fpu.xml"/>\
                    <xi:include href="system.xml"/></target>
                    """;
            case "core.xml" -> feature("org.gnu.gdb.aarch64.core", core());
            case "fpu.xml" -> feature("org.gnu.gdb.aarch64.fpu", fpu());
            case "system.xml" -> feature("dev.baton.aarch64.system", systemRegisters());
            default -> null;
        };
    }

    private static String feature(String name, String body) {
        return DOCTYPE + "feature SYSTEM \"gdb-target.dtd\">\n<feature name=\"" + name + "\">\n" + body + "</feature>\n";
    }

    private static String reg(String name, int bits, String more) {
        return "<reg name=\"" + name + "\" bitsize=\"" + bits + "\"" + more + "/>\n";
    }

    private static String core() {
        StringBuilder b = new StringBuilder();
        b.append("""
                <flags id="cpsr_flags" size="4"><field name="SP" start="0" end="0"/><field name="EL" start="2" end="3"/>\
                <field name="nRW" start="4" end="4"/><field name="F" start="6" end="6"/><field name="I" start="7" end="7"/>\
                <field name="A" start="8" end="8"/><field name="D" start="9" end="9"/><field name="BTYPE" start="10" end="11"/>\
                <field name="IL" start="20" end="20"/><field name="SS" start="21" end="21"/><field name="PAN" start="22" end="22"/>\
                <field name="UAO" start="23" end="23"/><field name="V" start="28" end="28"/><field name="C" start="29" end="29"/>\
                <field name="Z" start="30" end="30"/><field name="N" start="31" end="31"/></flags>
                """);
        for (int i = 0; i < X; i++) {
            b.append(reg("x" + i, 64, ""));
        }
        b.append(reg("sp", 64, " type=\"data_ptr\"")).append(reg("pc", 64, " type=\"code_ptr\""));
        return b.append(reg("cpsr", 32, " type=\"cpsr_flags\"")).toString();
    }

    private static String fpu() {
        StringBuilder b = new StringBuilder();
        b.append("""
                <vector id="v2d" type="ieee_double" count="2"/><vector id="v2u" type="uint64" count="2"/>
                <vector id="v4f" type="ieee_single" count="4"/><vector id="v4u" type="uint32" count="4"/>
                <vector id="v8u" type="uint16" count="8"/><vector id="v16u" type="uint8" count="16"/>
                <union id="vnd"><field name="f" type="v2d"/><field name="u" type="v2u"/></union>
                <union id="vns"><field name="f" type="v4f"/><field name="u" type="v4u"/></union>
                <union id="vnh"><field name="u" type="v8u"/></union><union id="vnb"><field name="u" type="v16u"/></union>
                <union id="aarch64v"><field name="d" type="vnd"/><field name="s" type="vns"/><field name="h" type="vnh"/>\
                <field name="b" type="vnb"/></union>
                """);
        for (int i = 0; i < 32; i++) {
            b.append(reg("v" + i, 128, " type=\"aarch64v\""));
        }
        return b.append(reg("fpsr", 32, "")).append(reg("fpcr", 32, "")).toString();
    }

    private String systemRegisters() {
        StringBuilder b = new StringBuilder();
        system.forEach(name -> b.append(reg(name, 64, " group=\"system\"")));
        return b.toString();
    }

    // Registers ---------------------------------------------------------------------------------------------------------

    @Override
    public int generalRegisters() {
        return SYSTEM;
    }

    @Override
    public int registers() {
        return SYSTEM + system.size();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public byte[] read(Cpu cpu, int n) {
        Arm64Cpu c = (Arm64Cpu) cpu;
        if (n <= PC) {
            return buffer(8).putLong(c.register(name(n))).array();
        }
        if (n >= SYSTEM) {
            return buffer(8).putLong(c.register(system.get(n - SYSTEM))).array();
        }
        if (n >= V0 && n < FPSR) {
            return buffer(16).putLong(c.v[2 * (n - V0)]).putLong(c.v[2 * (n - V0) + 1]).array();
        }
        return buffer(4).putInt(n == CPSR ? (int) c.register("pstate") : n == FPSR ? c.fpsr : c.fpcr).array();
    }

    private static String name(int n) {
        return n < X ? "x" + n : n == X ? "sp" : "pc";
    }

    @Override
    public boolean write(Cpu cpu, int n, byte[] value) {
        Arm64Cpu c = (Arm64Cpu) cpu;
        if (value.length != read(c, n).length) {
            return false;
        }
        ByteBuffer v = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        if (n <= PC) {
            c.register(name(n), v.getLong());
        } else if (n >= SYSTEM) {
            c.register(system.get(n - SYSTEM), v.getLong());
        } else if (n == CPSR) {
            return pstate(c, v.getInt());
        } else if (n >= FPSR) {
            c.register(n == FPSR ? "fpsr" : "fpcr", v.getInt() & 0xffff_ffffL);
        } else {
            c.v[2 * (n - V0)] = v.getLong();
            c.v[2 * (n - V0) + 1] = v.getLong();
        }
        return true;
    }

    /** Only levels that this CPU has, and only AArch64. */
    private static boolean pstate(Arm64Cpu c, int value) {
        int el = value >>> 2 & 3;
        boolean there = el < 2 || el == 2 && c.config.el2() || el == 3 && c.config.el3();
        if (there && (value & 0x12) == 0) {
            c.register("pstate", value & 0xffff_ffffL);
        }
        return there && (value & 0x12) == 0;
    }

    // Memory --------------------------------------------------------------------------------------------------------------

    /** Translates as EL1 or its host where the CPU is at EL0: a debugger wants the kernel's addresses too. */
    private static boolean translate(Arm64Cpu c, long va) {
        int el = c.el;
        try {
            if (el == 0) {
                c.el = c.sysregs.hostEl0() ? 2 : 1;
            }
            c.mmu.translate(va, Mmu.READ | Mmu.MAINTENANCE | Mmu.PROBE);
        } finally {
            c.el = el;
        }
        return c.mmu.ok;
    }

    private static int step(long va, int left) {
        return (int) Math.min(left, PAGE - (va & PAGE - 1));
    }

    @Override
    public byte[] readMemory(Cpu cpu, long va, int length) {
        Arm64Cpu c = (Arm64Cpu) cpu;
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            int step = step(va + done, length - done);
            if (!translate(c, va + done) || !peek(c, bytes, done, step)) {
                break;
            }
            done += step;
        }
        return Arrays.copyOf(bytes, done);
    }

    private static boolean peek(Arm64Cpu c, byte[] into, int offset, int n) {
        long pa = c.mmu.pa;
        return PhysicalMemory.peek(c.machine.bus(), pa, into, offset, n, c.mmu.cacheable ? View.CACHED : View.POC);
    }

    @Override
    public boolean writeMemory(Cpu cpu, long va, byte[] bytes) {
        Arm64Cpu c = (Arm64Cpu) cpu;
        PhysicalBus bus = c.machine.bus();
        for (int done = 0; done < bytes.length; ) {
            int step = step(va + done, bytes.length - done);
            if (!translate(c, va + done) || bus.ram(c.mmu.pa) == null) {
                return false;
            }
            PhysicalMemory.store(bus.ram(c.mmu.pa), c, c.mmu.pa, bytes, done, step, c.mmu.cacheable);
            done += step;
        }
        return true;
    }

    @Override
    public long physical(Cpu cpu, long va) {
        Arm64Cpu c = (Arm64Cpu) cpu;
        return translate(c, va) ? c.mmu.pa : -1;
    }

    @Override
    public String translation(Cpu cpu, long va) {
        Arm64Cpu c = (Arm64Cpu) cpu;
        if (!translate(c, va)) {
            return "0x%x does not translate at EL%d".formatted(va, c.el);
        }
        Mmu m = c.mmu;
        Ram ram = c.machine.bus().ram(m.pa);
        return "0x%x -> 0x%x, %s%s, MAIR attribute 0x%02x, page of 0x%x bytes, %s%s%s%s".formatted(va, m.pa,
                m.device ? "Device" : m.cacheable ? "Normal, cacheable" : "Normal, not cacheable", ram == null ? ", no RAM" : "", m.attr,
                m.pageMask + 1, m.readable ? "r" : "-", m.writable ? "w" : "-", m.executable ? "x" : "-", m.global ? ", global" : "");
    }
}
