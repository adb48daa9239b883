package dev.baton.arm64;

/**
 * When hot blocks become JVM bytecode.
 *
 * @param after   instructions of a CPU before it begins: below that the start of the translator costs more than it gains
 * @param samples slices that ended in a block before it is translated; 0: every block, as soon as it is built
 */
public record Translation(long after, int samples) {
    public static final Translation NEVER = new Translation(Long.MAX_VALUE, Integer.MAX_VALUE);
    public static final Translation ALWAYS = new Translation(0, 0);
    public static final Translation HOT = new Translation(50_000_000, Integer.getInteger("t1", 16));
}
