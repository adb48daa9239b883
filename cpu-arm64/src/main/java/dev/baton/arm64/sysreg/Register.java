package dev.baton.arm64.sysreg;

/**
 * One system register of one CPU. It answers three questions: may this access be made here, what does a read give, what does
 * a write do. A read has no side effects except where the architecture gives it one (GIC acknowledge).
 */
public class Register {
    final Row row;
    final Trap[] traps;
    /** Reached instead at EL2 when HCR_EL2.E2H is 1, or null. */
    Register host;
    public long value;

    Register(Row row) {
        this.row = row;
        traps = row.traps().stream().map(Traps::named).toArray(Trap[]::new);
    }

    public final String name() {
        return row.name();
    }

    /** {@link Trap#NONE}, {@link Trap#UNDEFINED}, or the exception level that traps the access. */
    int mayAccess(SystemRegisters s, boolean write) {
        if (!(write ? row.writable() : row.readable()) || s.el() < row.el()) {
            return Trap.UNDEFINED;
        }
        for (Trap t : traps) {
            int verdict = t.check(s, write);
            if (verdict != Trap.NONE) {
                return verdict;
            }
        }
        return Trap.NONE;
    }

    long read() {
        return value;
    }

    void write(long v) {
        value = value & ~row.bits() | v & row.bits() | row.one();
    }

    void reset(CpuModel model) {
        value = (row.model() ? model.value(row.name()) : row.reset()) | row.one();
    }
}
