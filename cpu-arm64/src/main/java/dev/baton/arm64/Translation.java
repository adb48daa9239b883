package dev.baton.arm64;

/**
 * When hot blocks become JVM bytecode. It changes the speed of a run and nothing else.
 *
 * @param after   instructions of a CPU before it begins: until then the JIT compiler is busy with the handlers, and what is hot while a
 *                kernel starts is not what is hot later. Measured on the boot of Debian's 6.1
 * @param samples slices that ended in a block before it is translated; 0: every block, as soon as it is built
 * @param most    blocks that are translated in the life of a CPU: a class costs some 10 KB with its code
 */
public record Translation(long after, int samples, int most) {
    /** T0 alone. */
    public static final Translation NEVER = new Translation(Long.MAX_VALUE, Integer.MAX_VALUE, 0);
    /** Everything at once, for tests: slow. */
    public static final Translation ALWAYS = new Translation(0, 0, Integer.MAX_VALUE);
    public static final Translation HOT = new Translation(50_000_000, 50, 4000);
}
