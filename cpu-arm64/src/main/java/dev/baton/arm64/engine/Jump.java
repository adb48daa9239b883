package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** The instruction that ends a block by deciding where to go. */
public abstract class Jump extends Insn {
    /**
     * Executes it.
     *
     * @return the block to run next; or null after {@code c.branchTo}, if that has to be looked up
     */
    public abstract Block next(Arm64Cpu c);

    /** The jump whose links lead to what {@link #next} answers, or null if it keeps none. */
    public DirectJump linking() {
        return null;
    }

    @Override
    public final void execute(Arm64Cpu c) {
        Block b = next(c);
        if (b != null) {
            c.branchTo(b.pc);
        }
    }
}
