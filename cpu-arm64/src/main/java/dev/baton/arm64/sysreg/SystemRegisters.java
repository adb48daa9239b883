package dev.baton.arm64.sysreg;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

/** The system registers of one CPU, and its system instructions. */
public final class SystemRegisters {
    private final Arm64Cpu cpu;

    public SystemRegisters(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    /** MRS. @param key {@code op0<<14|op1<<11|CRn<<7|CRm<<3|op2} */
    public long read(int key) {
        return 0;
    }

    /** MSR (register). */
    public void write(int key, long value) { }

    /** MSR (immediate). */
    public void msrImmediate(int op1, int crm, int op2) { }

    /** SYS: DC, IC, TLBI, AT. */
    public void sys(int op1, int crn, int crm, int op2, long xt) { }

    public boolean has(String name) {
        return false;
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public long readByName(String name) {
        throw new IllegalArgumentException("no system register is named " + name);
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public void writeByName(String name, long value) {
        throw new IllegalArgumentException("no system register is named " + name + " on CPU at EL" + cpu.el);
    }

    /** Digest of the values of all registers that are state. */
    public long hash() {
        return 0;
    }

    public void save(StateWriter out) { }

    public void load(StateReader in) { }
}
