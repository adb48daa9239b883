package dev.baton.kernel.chain;

/** Hears how a run gets on. Called on the thread that runs the machine. */
@FunctionalInterface
public interface Progress {
    /** Nobody listens. */
    Progress NONE = (scenario, generation, instructions, nanos, lastLine) -> { };

    /**
     * At the start of every generation and every few million instructions.
     *
     * @param generation   that runs, from 1
     * @param instructions so far
     * @param nanos        host time so far
     * @param lastLine     of the console
     */
    void at(Scenario scenario, int generation, long instructions, long nanos, String lastLine);
}
