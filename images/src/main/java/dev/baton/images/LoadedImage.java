package dev.baton.images;

import dev.baton.core.machine.LaunchPlan.Segment;

import java.util.List;

/**
 * What a loader needs of an image, whatever its format.
 *
 * @param name      of the file, as messages call it
 * @param kind      of the file, in words: {@code "arm64 Image"}, {@code "ELF64 AArch64"}
 * @param placement whether addresses are fixed or count from a base
 * @param entry     address of the first instruction
 * @param segments  what lies where, ascending and disjoint; {@link Segment#size} includes BSS
 * @param symbols   names of addresses, counted as the image's code is linked (not as it is placed); empty if the file has none
 */
public record LoadedImage(String name, String kind, Placement placement, long entry, List<Segment> segments, SymbolMap symbols) {
    public LoadedImage {
        segments = List.copyOf(segments);
    }

    /** The segments with {@code base} added to their addresses. A {@link Placement.Fixed} image takes base 0 only. */
    public List<Segment> segmentsAt(long base) {
        checkBase(base);
        return segments.stream().map(s -> new Segment(s.label(), base + s.address(), s.bytes(), s.size())).toList();
    }

    public long entryAt(long base) {
        checkBase(base);
        return base + entry;
    }

    /** First address after the last segment, counted as {@link #segments} counts. */
    public long end() {
        return segments.getLast().end();
    }

    private void checkBase(long base) {
        boolean fits = switch (placement) {
            case Placement.Fixed() -> base == 0;
            case Placement.Movable(long alignment, boolean _) -> (base & alignment - 1) == 0;
        };
        if (!fits) {
            throw new IllegalArgumentException(name + ": base " + ImageFormatException.hex(base) + " does not suit " + placement);
        }
    }
}
