package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.SystemInsn;
import dev.baton.core.finding.Finding;

import java.util.Map;

/** Encodings that are UNDEFINED: unallocated ones, and instructions of the table that are not implemented. */
public final class Unallocated {
    private Unallocated() { }

    /** {@code UDF #<imm>}: permanently undefined. */
    public static Insn udf(int imm16) {
        return new Undefined();
    }

    /** No instruction has this encoding. */
    public static Insn encoding() {
        return new Undefined();
    }

    /** A row of the table that is marked as not implemented. */
    public static Insn notImplemented(String name, String reason) {
        return new NotImplemented(name, reason);
    }

    static final class Undefined extends SystemInsn {
        @Override
        public void execute(Arm64Cpu c) {
            throw c.undefined();
        }
    }

    /** UNDEFINED, as the ID registers say; but a kernel that tries it anyway should not leave its user guessing. */
    static final class NotImplemented extends SystemInsn {
        private final String name;
        private final String reason;

        NotImplemented(String name, String reason) {
            this.name = name;
            this.reason = reason;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.machine.findings().report("unimplemented-instruction:" + name,
                    new Finding("unimplemented-instruction", Finding.Severity.WARNING,
                    "an instruction that this CPU does not have was executed: " + name + " (" + reason + ")", c.index(), c.pc(),
                    c.machine.clock().now(), Map.of("instruction", name), "Arm DDI 0487 C4.1"));
            throw c.undefined();
        }
    }
}
