package dev.baton.arm64.engine;

import dev.baton.arm64.Insn;

/**
 * An instruction that can change what is fetched, translated or interrupted next, or that always leaves the straight line:
 * it ends its block and runs out of line, with {@code cpu.at} exact, after which interrupts, limits and the translation of
 * the next fetch are looked at again.
 */
public abstract class SystemInsn extends Insn { }
