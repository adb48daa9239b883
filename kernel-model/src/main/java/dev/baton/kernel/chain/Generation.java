package dev.baton.kernel.chain;

import dev.baton.kernel.GenerationReport;

import java.util.List;
import java.util.Map;

/**
 * One kernel's turn.
 *
 * @param kernel name in {@code kernels}
 * @param repeat number of generations in a row that do this; null for 1
 * @param steps  what its user space does, in order
 * @param expect what must be true of it; null for the defaults
 */
public record Generation(
        @Doc("name in kernels") @Required String kernel,
        @Doc("number of generations in a row that do this (default 1)") Integer repeat,
        @Doc("what its user space does, in order; the last one ends the generation") @Required List<Step> steps,
        @Doc("what must be true of this generation") Expect expect) {

    public Generation {
        steps = steps == null ? List.of() : List.copyOf(steps);
    }

    /**
     * What must be true of one generation. A null part is not checked, but for {@code oracle}, which has a strict
     * default.
     *
     * @param console      texts that lines of the generation's console contain, in this order
     * @param consoleNever texts that no line contains
     * @param kho          {@code compatible} of the KHO state found at boot; {@code none} for no handover
     * @param entry        registers and facts at entry, as {@link GenerationReport#entryState} names them
     */
    public record Expect(
            @Doc("texts that lines of this generation's console contain, in this order") List<String> console,
            @Doc("texts that no line of this generation's console contains") List<String> consoleNever,
            @Doc("compatible of the KHO state found at boot, or none") String kho,
            @Doc("folios given back by KHO with every byte intact") Integer foliosRestored,
            @Doc("folios handed on") Integer foliosPreserved,
            @Doc("registers at entry by name") Map<String, Address> entry,
            @Doc("bytes of RAM at the end of the generation") List<MemoryBytes> memory,
            @Doc("properties of the device tree this generation was started with") List<Property> fdt,
            @Doc("memory and registers at the jump: equal to the plan (default), or unchecked") OracleRule oracle) { }

    /** What is asked of the oracle at the jump. */
    public enum OracleRule { EQUAL, UNCHECKED }

    /** Bytes of RAM. */
    public record MemoryBytes(
            @Doc("physical address") @Required Address at,
            @Doc("bytes in hexadecimal, blanks allowed") @Required HexBytes bytes,
            @Doc("view: poc (default) or cached") MemoryView view) { }

    /** Which of the two views. */
    public enum MemoryView { POC, CACHED }

    /** A property of the device tree. Parts that are null are not checked. */
    public record Property(
            @Doc("node path, such as /chosen") @Required String node,
            @Doc("property name") @Required String property,
            @Doc("false: the property must be absent (default true)") Boolean present,
            @Doc("length in bytes") Integer length,
            @Doc("value as a string") String string,
            @Doc("value in hexadecimal, blanks allowed") HexBytes bytes) { }
}
