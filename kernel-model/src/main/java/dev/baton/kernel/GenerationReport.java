package dev.baton.kernel;

import dev.baton.core.machine.LaunchPlan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one generation did, for summaries and expectations. Filled by the modelled kernel and by the hand-over watcher. */
public final class GenerationReport {
    /** One loaded segment, for the memory map. */
    public record Segment(String label, long address, long size) { }

    /** A named area of memory at the end of the generation. */
    public record Area(String label, long address, long size) { }

    public final int number;
    public final String kernel;
    public long startTime;
    public long endTime;
    public long instructions;
    public final Map<String, Long> entryState = new LinkedHashMap<>();
    public String banner = "";
    public final List<Segment> loaded = new ArrayList<>();
    /** What the kernel before copied into place, by its list; empty where that is not known. */
    public final List<Segment> segments = new ArrayList<>();
    public final List<Area> areas = new ArrayList<>();
    /** Label of the kernel that is loaded; "" if none is. */
    public String nextKernel = "";
    /** KHO state found at boot: "" none, else the root compatible. */
    public String khoIncoming = "";
    /** KHO root tree handed on, decoded by {@code KhoTree}; "" if none. */
    public String khoOutgoing = "";
    /** Bytes that the page allocator had given out, and that memblock held reserved, when the generation left; 0 if it did not leave. */
    public long allocatedBytes;
    public long reservedBytes;
    public int foliosRestored;
    public int foliosPreserved;
    public boolean restoredBytesIntact = true;
    /** The plan that memory and registers must equal when this generation jumps; null until it kexecs. */
    public LaunchPlan oracle;
    /** Rows that differed at the jump; empty when equal. */
    public final List<String> oracleDifferences = new ArrayList<>();
    public boolean oracleChecked;
    /** Errors the kernel itself noticed (failed loads, broken handover). */
    public final List<String> errors = new ArrayList<>();

    public GenerationReport(int number, String kernel) {
        this.number = number;
        this.kernel = kernel;
    }
}
