package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.engine.DirectJump;
import dev.baton.arm64.engine.Jump;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What one iteration of a self-loop does, if it consists only of loads, stores or one maintenance instruction, constant steps
 * of registers, and an exit test. Offsets are relative to the base's value when the iteration began.
 */
final class LoopShape {
    /** One register loaded or stored. {@code index} is the instruction's place in the iteration. */
    record Access(int t, int base, long offset, int size, int index) { }

    final List<Access> loads = new ArrayList<>();
    final List<Access> stores = new ArrayList<>();
    /** What the iteration adds to each register. */
    final long[] step = new long[34];
    /** The register that ADD (register) steps, and by which; -1 if there is none. */
    private int stepped = -1;
    private int stepRegister = -1;
    private boolean steppedBeforeFlags;
    SystemInstructions.Sys maintenance;
    long maintenanceOffset;
    LoopExit exit;
    private int[] stepping;
    final int length;

    private final boolean[] loaded = new boolean[34];
    private Insn flags;
    private long beforeFlags;
    private boolean understood = true;
    private int index;

    private LoopShape(int length) {
        this.length = length;
    }

    /** The shape of the loop made of {@code insns}, the last of which is {@code jump}; null if it is not such a loop. */
    static LoopShape of(Insn[] insns, Jump jump, long pc) {
        if (!(jump instanceof DirectJump d) || d.target != pc || insns.length < 3) {
            return null;
        }
        LoopShape shape = new LoopShape(insns.length);
        for (int i = 0; i < insns.length - 1 && shape.understood; i++) {
            shape.index = i;
            shape.visit(insns[i]);
        }
        return shape.understood && shape.complete(d) ? shape : null;
    }

    private void visit(Insn insn) {
        switch (insn) {
            case LoadStorePair.LdpX l -> pair(loads, l, 0);
            case LoadStorePair.StpX s -> pair(stores, s, 0);
            case LoadStorePair.LdpXIndexed l -> pair(loads, l, l.step);
            case LoadStorePair.StpXIndexed s -> pair(stores, s, s.step);
            case LoadStoreImmediate.LdrX l -> plain(loads, l, 8);
            case LoadStoreImmediate.StrX s -> plain(stores, s, 8);
            case LoadStoreIndexed.LdrX l -> indexed(loads, l, 8);
            case LoadStoreIndexed.StrX s -> indexed(stores, s, 8);
            case LoadStoreIndexed.LdrW l -> indexed(loads, l, 4);
            case LoadStoreIndexed.StrW s -> indexed(stores, s, 4);
            case LoadStoreIndexed.Ldrb l -> indexed(loads, l, 1);
            case LoadStoreIndexed.Strb s -> indexed(stores, s, 1);
            case SystemInstructions.Sys m -> maintain(m);
            case Hints.Nop n -> { }
            default -> arithmetic(insn);
        }
    }

    private void arithmetic(Insn insn) {
        switch (insn) {
            case AddSubImmediate.Add a when a.d == a.n && a.mask == -1 -> add(a.d, a.imm);
            case AddSubShifted.Add a when a.d == a.n && a.m != a.d && a.mask == -1 && stepRegister < 0 -> {
                stepped = a.d;
                stepRegister = a.m;
                steppedBeforeFlags = flags == null;
            }
            case LogicalImmediate.Ands t when t.d == Arm64Cpu.ZR_WRITE -> test(t, t.n);
            case AddSubShifted.Subs s when s.d == Arm64Cpu.ZR_WRITE -> test(s, s.n);
            case AddSubImmediate.Subs s when s.d == s.n -> {
                test(s, s.n);
                add(s.d, -(s.imm >>> s.w));
            }
            default -> understood = false;
        }
    }

    private void test(Insn insn, int register) {
        understood &= flags == null;
        flags = insn;
        beforeFlags = step[register];
    }

    private void add(int register, long imm) {
        step[register] += imm;
    }

    private void access(List<Access> list, int t, int base, long offset, int size) {
        list.add(new Access(t, base, step[base] + offset, size, index));
        understood &= base < Arm64Cpu.SP;
        if (list == loads) {
            understood &= !loaded[t];
            loaded[t] = true;
        }
    }

    private void pair(List<Access> list, LoadStorePair.Pair p, long writeBack) {
        access(list, p.t, p.n, p.offset, 8);
        access(list, p.t2, p.n, p.offset + 8, 8);
        add(p.n, writeBack);
    }

    private void plain(List<Access> list, LoadStoreImmediate.Access a, int size) {
        access(list, a.t, a.n, a.offset, size);
    }

    private void indexed(List<Access> list, LoadStoreIndexed.Access a, int size) {
        access(list, a.t, a.n, a.offset, size);
        add(a.n, a.step);
    }

    private void maintain(SystemInstructions.Sys m) {
        understood &= maintenance == null;
        maintenance = m;
        maintenanceOffset = step[m.t];
    }

    private boolean complete(DirectJump jump) {
        exit = LoopExit.of(flags, jump);
        if (exit == null || stepped >= 0 && (steps(stepRegister) || step[stepped] != 0 || !loads.isEmpty() || !stores.isEmpty())) {
            return false;
        }
        stepping = IntStream.range(0, 31).filter(r -> step[r] != 0).toArray();
        for (int r = 0; r < 34; r++) {
            if (loaded[r] && (steps(r) || r == exit.register)) {
                return false;
            }
        }
        return !(exit instanceof LoopExit.Limit limit) || !steps(limit.limit) && !loaded[limit.limit];
    }

    private boolean steps(int r) {
        return step[r] != 0 || r == stepped;
    }

    /** Neither stepped nor loaded: the same in every iteration. */
    boolean isInvariant(int r) {
        return !steps(r) && !loaded[r];
    }

    /** What an iteration adds to register {@code r}. */
    long stepOf(Arm64Cpu c, int r) {
        return r == stepped ? c.x[stepRegister] : step[r];
    }

    /** What of that is added when the exit test reads its register. */
    long beforeTest(Arm64Cpu c) {
        return exit.register == stepped ? steppedBeforeFlags ? c.x[stepRegister] : 0 : beforeFlags;
    }

    /** Iterations that are sure to follow this one: those after which the loop goes on, and the one after them. */
    long further(Arm64Cpu c) {
        return exit.goesOn(c) ? exit.further(c, stepOf(c, exit.register), beforeTest(c)) + 1 : 0;
    }

    /** The same asked before an iteration: those that are sure to come and to be followed by another. */
    long ahead(Arm64Cpu c) {
        return exit.further(c, stepOf(c, exit.register), beforeTest(c));
    }

    /** {@code n / step}; neither negative, and {@code step} mostly a power of two. */
    static long quotient(long n, long step) {
        return (step & step - 1) == 0 ? n >>> Long.numberOfTrailingZeros(step) : n / step;
    }

    /** Stands for the pages that an iteration is about to touch. */
    long page(Arm64Cpu c) {
        long sum = 0;
        for (int r : stepping) {
            sum = 31 * sum + (c.x[r] >>> 12);
        }
        return sum;
    }

    /** Leaves registers and flags as {@code n} more iterations do, loaded registers apart. */
    void step(Arm64Cpu c, long n) {
        for (int r : stepping) {
            c.x[r] += n * step[r];
        }
        if (stepped >= 0) {
            c.x[stepped] += n * c.x[stepRegister];
        }
        exit.setFlags(c, stepOf(c, exit.register), beforeTest(c));
    }
}
