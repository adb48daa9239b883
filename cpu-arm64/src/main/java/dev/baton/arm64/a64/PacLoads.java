package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.pauth.PointerAuthentication;

/** Load/store register (pac): the base is an authenticated pointer, the modifier zero, the keys DA and DB. */
public final class PacLoads {
    private PacLoads() { }

    /** {@code LDRAA <Xt>, [<Xn|SP>{, #<simm>}]{!}}, LDRAB. */
    public static Insn ldra(int b, int s, int imm9, int writeBack, int n, int t) {
        long offset = Operands.signExtend(s << 9 | imm9, 10) << 3;
        return new Ldra(b != 0 ? PointerAuthentication.DB : PointerAuthentication.DA, offset, writeBack != 0, n, t);
    }

    static final class Ldra extends LoadStoreImmediate.Access {
        private final int key;
        private final boolean writeBack;

        Ldra(int key, long offset, boolean writeBack, int n, int t) {
            super(offset, n, Operands.destination(t));
            this.key = key;
            this.writeBack = writeBack;
        }

        @Override
        public void execute(Arm64Cpu c) {
            c.at = at;
            // The base itself, for SP with its check.
            long base = address(c) - offset;
            long va = c.pauth.authenticate(key, base, 0) + offset;
            long value = c.load64(va, this);
            if (writeBack) {
                c.x[n] = va;
            }
            c.x[t] = value;
        }
    }
}
