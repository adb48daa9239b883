package dev.baton.core.machine;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All it takes to start a kernel on one CPU: bytes to place, registers to set. No CPU type and no I/O in sight; two plans
 * compare by value. A machine acts on it at power-on; where a guest relocates itself with its own instructions, the same
 * plan is the oracle that memory (PoC view) and registers must equal at the jump.
 *
 * @param cpu       index of the CPU that starts
 * @param segments  what lies where
 * @param registers values by the architecture's register names ({@code pc}, {@code x0}, {@code rsi}, …)
 */
public record LaunchPlan(int cpu, List<Segment> segments, SortedMap<String, Long> registers) {
    /** A labelled run of bytes; from {@code bytes.length()} to {@code size} it is zero. */
    public record Segment(String label, long address, Bytes bytes, long size) {
        public Segment(String label, long address, Bytes bytes) {
            this(label, address, bytes, bytes.length());
        }

        /** First address after the segment. */
        public long end() {
            return address + size;
        }
    }

    public LaunchPlan {
        segments = List.copyOf(segments);
        registers = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(registers));
    }
}
