package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.GuestException;
import dev.baton.arm64.Insn;
import dev.baton.arm64.exception.Exceptions;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.GuestFault;
import dev.baton.core.cpu.StopPoints;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.trace.TraceSink;

/**
 * The run loop. T0 runs linked blocks; the observed stepper runs the same instructions one by one, and so does T0 where a block
 * may not simply be run: the last few instructions of a budget, a device access, stale code.
 *
 * <p>Interrupts, masks, limits and translations change only at slice boundaries, at {@link SystemInsn}s, at device accesses and
 * at exceptions. All of these leave the linked blocks, so nothing is polled inside them.
 */
public final class Engine {
    /** Instructions a guest subroutine called by a model may take. */
    private static final long NESTED_LIMIT = 2_000_000_000L;
    /** Where a guest subroutine called by a model returns to: misaligned, so no guest code has this address. */
    private static final long RETURN = -3;
    private static final int RING = 64;

    public final CodeCache code;
    public final Waits waits;
    public final Debug debug;
    private final Arm64Cpu cpu;
    private final boolean observed;
    private final StaleCode staleCode;
    private final Translator translator;

    /** Instructions of the slice before the block that executes. */
    private long done;
    /** The slice ends here. */
    private long limit;
    /** The loop that runs ends here: {@link #limit}, unless a guest subroutine runs. */
    private long horizon;
    private long total;
    private int depth;

    /** Accesses to devices are carried out rather than redone. */
    private boolean precise;
    private boolean deviceAccessed;
    private Block current;
    /** Where a block interrupted by {@link Redo} goes on, one by one. */
    private Block rest;
    /** The jump that went to {@code cpu.pc} and has no link yet. */
    private DirectJump unlinked;

    private Runnable whenReached;

    private final long[] ring = new long[RING];
    private int ringNext;

    public Engine(Arm64Cpu cpu) {
        this.cpu = cpu;
        observed = cpu.config.stepper();
        translator = new Translator(cpu.config.translation());
        code = new CodeCache(cpu, translator);
        waits = new Waits(cpu);
        debug = new Debug(cpu, this);
        staleCode = new StaleCode(cpu);
    }

    // Slices --------------------------------------------------------------------------------------------------------------

    public long run(long budget) {
        done = 0;
        limit = budget;
        horizon = budget;
        loop();
        code.types.settle();
        long n = done;
        total += n;
        done = 0;
        translator.sample(current, total);
        return n;
    }

    public long executedInSlice() {
        return done + cpu.at;
    }

    public long instructions() {
        return total + executedInSlice();
    }

    public void endSlice() {
        limit(0);
    }

    public void shortenSlice(long instructions) {
        limit(Math.min(limit, instructions));
    }

    private void limit(long instructions) {
        limit = instructions;
        if (depth == 0) {
            horizon = instructions;
        }
    }

    /** A guest subroutine called by a model is running. */
    public boolean nested() {
        return depth > 0;
    }

    /** What an idiom executed at once, besides the block's own count. */
    public void executedMore(long instructions) {
        done += instructions;
    }

    /** The block that executes lies in a page that is guarded (FEAT_BTI). */
    boolean inGuardedPage() {
        return current.page.guarded;
    }

    /** Instructions left in the slice when the block that executes has begun. */
    public long left() {
        return horizon - done;
    }

    // The loop --------------------------------------------------------------------------------------------------------------

    private void loop() {
        while (done < horizon && cpu.state() == Cpu.State.RUNNING && !returned()) {
            try {
                if (rest != null) {
                    goOn();
                } else {
                    enter();
                }
            } catch (GuestException e) {
                takeException();
            } catch (Redo r) {
                rest = current;
            } catch (DebugStop s) {
                settle();
            }
        }
        rest = null;
        unlinked = null;
    }

    private boolean returned() {
        return depth > 0 && cpu.pc == cpu.mmu.branchAddress(RETURN);
    }

    private void enter() {
        int interrupt = cpu.exceptions.pendingInterrupt();
        if (interrupt != Exceptions.NONE) {
            code.types.settle();
            takeInterrupt(interrupt);
            return;
        }
        if (code.watches(cpu.pc)) {
            reached();
            return;
        }
        boolean stop = code.stops.at(cpu.pc);
        if (stop && debug.reached(cpu.pc)) {
            return;
        }
        if (cpu.selfHosted.stepping) {
            code.types.settle();
        }
        boolean step = cpu.selfHosted.stepping && cpu.selfHosted.beforeStep();
        if (cpu.il) {
            throw cpu.exceptions.illegalState();
        }
        Block b = code.atPc();
        if (unlinked != null) {
            unlinked.link(b);
            unlinked = null;
        }
        if (cpu.btype != 0) {
            code.types.land(b);
        }
        boolean everywhere = cpu.selfHosted.everywhere;
        if (stop || everywhere) {
            cpu.selfHosted.beforeInstruction(b.pc);
        }
        if (step || everywhere) {
            one(b, step);
        } else if (observed || stop) {
            oneByOne(b, 0, b.singles.length);
        } else {
            linked(b);
        }
    }

    /** The first instruction of a block alone. */
    private void one(Block b, boolean step) {
        int word = b.word(0);
        oneByOne(b, 0, 1);
        if (step) {
            cpu.selfHosted.stepped(word);
        }
    }

    private void linked(Block first) {
        Arm64Cpu c = cpu;
        Block b = first;
        do {
            long n = b.count;
            if (done + n > horizon) {
                notSimply(b);
                return;
            }
            current = b;
            c.pc = b.pc;
            ring[ringNext++ & RING - 1] = b.pc;
            Insn[] body = b.body;
            for (int i = 0; i < body.length; i++) {
                body[i].execute(c);
            }
            b = b.jump.next(c);
            done += n;
        } while (b != null);
    }

    /** Another iteration of a block that jumped to itself, from inside it, unless the budget or anything else is against it. */
    boolean again(Block b) {
        long n = b.count;
        if (n + n > horizon - done) {
            return false;
        }
        done += n;
        ring[ringNext++ & RING - 1] = b.pc;
        return true;
    }

    private void notSimply(Block b) {
        if (b.dead || code.watches(b.pc) || code.stops.at(b.pc) && !debug.passes(b.pc)) {
            cpu.branchTo(b.pc);
            unlinked = current == null ? null : current.jump.linking();
            return;
        }
        oneByOne(b, 0, b.singles.length);
    }

    private void goOn() {
        Block b = rest;
        rest = null;
        oneByOne(b, cpu.at, b.singles.length);
    }

    /** Runs a block from its instruction {@code from} to the one before {@code to}, looking up after each. */
    private void oneByOne(Block b, int from, int to) {
        if (b.suspect) {
            staleCode.check(b);
        }
        Arm64Cpu c = cpu;
        current = b;
        c.pc = b.pc;
        precise = true;
        Insn[] singles = b.singles;
        for (int i = from; i < to; i++) {
            if (done + i >= horizon) {
                leave(b, i);
                return;
            }
            Insn insn = singles[i];
            c.at = i;
            if (observed) {
                trace().instruction(c.index(), c.machine.clock().now(), c.pc(), b.word(i));
            }
            if (insn instanceof SystemInsn s) {
                executeSystem(s);
                done += i + 1;
                precise = false;
                return;
            }
            insn.execute(c);
            if (insn instanceof Jump) {
                ring[ringNext++ & RING - 1] = b.pc;
                done += i + 1;
                precise = false;
                return;
            }
            if (deviceAccessed && mustLeave()) {
                leave(b, i + 1);
                return;
            }
        }
        leave(b, to);
    }

    private boolean mustLeave() {
        deviceAccessed = false;
        return cpu.exceptions.pendingInterrupt() != Exceptions.NONE || cpu.state() != Cpu.State.RUNNING;
    }

    /** Ends the block before its instruction {@code i}. */
    private void leave(Block b, int i) {
        done += i;
        cpu.branchTo(b.pc + 4L * i);
        precise = false;
    }

    /** Runs an instruction that ends its block; the PC is that of what follows, wherever that is. */
    void executeSystem(SystemInsn insn) {
        cpu.at = insn.at;
        cpu.branched = false;
        insn.execute(cpu);
        if (!cpu.branched) {
            cpu.branchTo(cpu.pc() + 4);
        }
    }

    /** For a {@link DirectJump} without a valid link: goes there, and asks for a link. */
    Block unlinked(DirectJump jump, long address) {
        unlinked = jump;
        cpu.branchTo(address);
        return null;
    }

    // Exceptions --------------------------------------------------------------------------------------------------------

    private TraceSink trace() {
        return cpu.machine.trace();
    }

    /** The PC becomes exact and the instructions before the current one are counted. */
    private void settle() {
        done += cpu.at;
        cpu.branchTo(cpu.pc());
        precise = false;
        unlinked = null;
        rest = null;
    }

    /** An instruction that raises an exception counts as one executed: so a handler that faults itself makes progress. */
    private void takeException() {
        settle();
        long pc = cpu.pc;
        long syndrome = (long) cpu.pending.ec << 26 | cpu.pending.iss;
        long time = cpu.machine.clock().now();
        int el = cpu.el;
        cpu.exceptions.take();
        trace().exception(cpu.index(), time, pc, syndrome, cpu.pc);
        done++;
        if (cpu.pc == pc && cpu.el == el && cpu.exceptions.nothingInterrupts()) {
            cpu.machine.exceptionLoop(cpu);
        }
    }

    private void takeInterrupt(int kind) {
        settle();
        long pc = cpu.pc;
        long time = cpu.machine.clock().now();
        cpu.exceptions.takeInterrupt(kind);
        trace().exception(cpu.index(), time, pc, kind, cpu.pc);
    }

    // Devices -----------------------------------------------------------------------------------------------------------

    /** Called before a device access: it is made only where the loop looks up right after it. */
    void beforeDeviceAccess() {
        if (!precise) {
            throw Redo.INSTANCE;
        }
        deviceAccessed = true;
    }

    // Guest subroutines called by models ----------------------------------------------------------------------------------

    /** See {@link Cpu#callGuest}. */
    public long callGuest(long target, long... arguments) {
        long[] saved = cpu.x.clone();
        long pc = cpu.pc;
        int at = cpu.at;
        int nzcv = cpu.nzcv;
        boolean wasPrecise = precise;
        long outer = horizon;
        done += at;
        horizon = done + NESTED_LIMIT;
        depth++;
        precise = false;
        System.arraycopy(arguments, 0, cpu.x, 0, arguments.length);
        cpu.x[30] = RETURN;
        cpu.branchTo(target);
        loop();
        boolean back = returned();
        long result = cpu.x[0];
        System.arraycopy(saved, 0, cpu.x, 0, saved.length);
        cpu.branchTo(pc);
        cpu.branched = false;
        cpu.at = at;
        cpu.nzcv = nzcv;
        done -= at;
        depth--;
        precise = wasPrecise;
        horizon = depth == 0 ? limit : outer;
        if (!back) {
            throw new GuestFault("the guest subroutine at 0x" + Long.toHexString(target) + " did not return", target);
        }
        return result;
    }

    // Watching addresses --------------------------------------------------------------------------------------------------

    /** {@link Cpu#callBeforeAny}: no block runs across a target while this is set, and none begins there unseen. */
    public void callBeforeAny(long[] targets, Runnable reached) {
        whenReached = reached;
        code.watch(reached == null ? CodeCache.NOTHING_WATCHED : targets.clone());
    }

    /** See {@link Cpu#whenIdentityPageBegins}. */
    public void whenIdentityPageBegins(Runnable begun) {
        code.identityPage = begun;
    }

    private void reached() {
        Runnable call = whenReached;
        callBeforeAny(CodeCache.NOTHING_WATCHED, null);
        call.run();
    }

    // Debuggers ---------------------------------------------------------------------------------------------------------------

    /** See {@link Cpu#stopPoints}. */
    public void stopPoints(StopPoints points) {
        debug.points(points);
    }

    // For reports -------------------------------------------------------------------------------------------------------

    /** See {@link Cpu#lastBranches}; only starts of blocks are recorded, the branch that ended one is looked up now. */
    public long[] lastBranches() {
        long[] pairs = new long[2 * RING];
        int n = 0;
        // The index wraps after 2^31 blocks; RING divides that.
        int next = ringNext & Integer.MAX_VALUE;
        for (int i = next - 1; i > Math.max(0, next - RING); i--) {
            long from = code.lastOfBlock(ring[i - 1 & RING - 1]);
            long to = ring[i & RING - 1];
            if (to != from + 4) {
                pairs[n++] = from;
                pairs[n++] = to;
            }
        }
        return java.util.Arrays.copyOf(pairs, n);
    }

    public void save(StateWriter out) {
        out.u64(total).flag(waits.forEvent());
        code.save(out);
    }

    public void load(StateReader in) {
        total = in.u64();
        waits.forEvent(in.flag());
        code.load(in);
    }
}
