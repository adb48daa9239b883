package dev.baton.arm64.a64;

import static dev.baton.arm64.Arm64Cpu.SP;
import static dev.baton.arm64.Arm64Cpu.ZR_READ;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Pointer authentication: data processing and hints. Keys are numbered data:B, as in {@code dev.baton.arm64.pauth}. */
public final class Pac {
    private static final int LR = 30;
    private static final int POINTER = 17;
    private static final int MODIFIER = 16;

    private Pac() { }

    private static int key(int data, int b) {
        return data << 1 | b;
    }

    /** {@code PACIA <Xd>, <Xn|SP>}, PACIB, PACDA, PACDB. */
    public static Insn pac(int data, int b, int n, int d) {
        return new Add(key(data, b), Operands.source(d), n, Operands.destination(d));
    }

    /** {@code PACIZA <Xd>}, PACIZB, PACDZA, PACDZB. */
    public static Insn pacz(int data, int b, int d) {
        return new Add(key(data, b), Operands.source(d), ZR_READ, Operands.destination(d));
    }

    /** {@code AUTIA <Xd>, <Xn|SP>}, AUTIB, AUTDA, AUTDB. */
    public static Insn aut(int data, int b, int n, int d) {
        return new Authenticate(key(data, b), Operands.source(d), n, Operands.destination(d));
    }

    /** {@code AUTIZA <Xd>}, AUTIZB, AUTDZA, AUTDZB. */
    public static Insn autz(int data, int b, int d) {
        return new Authenticate(key(data, b), Operands.source(d), ZR_READ, Operands.destination(d));
    }

    /** {@code XPACI <Xd>}, XPACD. */
    public static Insn xpac(int data, int d) {
        return new Strip(data == 0, Operands.source(d), Operands.destination(d));
    }

    /** {@code XPACLRI}. */
    public static Insn xpaclri() {
        return new Strip(true, LR, LR);
    }

    /** {@code PACIA1716}, PACIB1716. */
    public static Insn pac1716(int b) {
        return new Add(b, POINTER, MODIFIER, POINTER);
    }

    /** {@code AUTIA1716}, AUTIB1716. */
    public static Insn aut1716(int b) {
        return new Authenticate(b, POINTER, MODIFIER, POINTER);
    }

    /** {@code PACIAZ}, PACIBZ. */
    public static Insn pacz(int b) {
        return new Add(b, LR, ZR_READ, LR);
    }

    /** {@code AUTIAZ}, AUTIBZ. */
    public static Insn autz(int b) {
        return new Authenticate(b, LR, ZR_READ, LR);
    }

    /** {@code PACIASP}, PACIBSP. */
    public static Insn pacsp(int b) {
        return new AddToLink(b);
    }

    /** {@code AUTIASP}, AUTIBSP. */
    public static Insn autsp(int b) {
        return new Authenticate(b, LR, SP, LR);
    }

    /** {@code PACGA <Xd>, <Xn>, <Xm|SP>}. */
    public static Insn pacga(int m, int n, int d) {
        return new Generic(m, Operands.source(n), Operands.destination(d));
    }

    static final class Add extends Insn {
        private final int key;
        private final int pointer;
        private final int modifier;
        private final int d;

        Add(int key, int pointer, int modifier, int d) {
            this.key = key;
            this.pointer = pointer;
            this.modifier = modifier;
            this.d = d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.at = at;
            c.x[d] = c.pauth.add(key, c.x[pointer], c.x[modifier]);
        }
    }

    /** PACIASP, PACIBSP: also where functions of a guarded page begin (BTypeCompatible_PACIXSP). */
    static final class AddToLink extends Insn {
        private static final int SCTLR_BT0 = 35;
        private static final int SCTLR_BT1 = 36;
        private final int key;

        AddToLink(int key) {
            this.key = key;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.at = at;
            c.x[LR] = c.pauth.add(key, c.x[LR], c.x[SP]);
            c.btype = 0;
        }

        @Override
        public boolean landing(Arm64Cpu c) {
            return c.btype != 3 || (c.sysregs.sctlr() >>> (c.el == 0 ? SCTLR_BT0 : SCTLR_BT1) & 1) == 0;
        }
    }

    static final class Authenticate extends Insn {
        private final int key;
        private final int pointer;
        private final int modifier;
        private final int d;

        Authenticate(int key, int pointer, int modifier, int d) {
            this.key = key;
            this.pointer = pointer;
            this.modifier = modifier;
            this.d = d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.at = at;
            c.x[d] = c.pauth.authenticate(key, c.x[pointer], c.x[modifier]);
        }
    }

    static final class Strip extends Insn {
        private final boolean instruction;
        private final int pointer;
        private final int d;

        Strip(boolean instruction, int pointer, int d) {
            this.instruction = instruction;
            this.pointer = pointer;
            this.d = d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.x[d] = c.pauth.strip(c.x[pointer], instruction);
        }
    }

    static final class Generic extends Insn {
        private final int m;
        private final int n;
        private final int d;

        Generic(int m, int n, int d) {
            this.m = m;
            this.n = n;
            this.d = d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.at = at;
            c.x[d] = c.pauth.generic(c.x[n], c.x[m]);
        }
    }
}
