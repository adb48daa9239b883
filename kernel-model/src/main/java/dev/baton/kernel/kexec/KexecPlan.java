package dev.baton.kernel.kexec;

import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** The oracle: what memory and registers of CPU 0 must be when the next image is entered. */
public final class KexecPlan {
    private KexecPlan() { }

    /**
     * From the segments as they were given to the kernel, not from the list it made of them.
     *
     * <p>Registers as arm64_relocate_new_kernel leaves them: pc = entry point, x0 = DTB (0 for {@code kexec_load}), x1 to x3 = 0.
     */
    public static LaunchPlan plan(Kimage image) {
        List<LaunchPlan.Segment> segments = image.segments().stream()
                .filter(s -> s.memsz() > 0)
                .map(s -> new LaunchPlan.Segment(s.label(), s.mem(), used(s), s.memsz()))
                .toList();
        TreeMap<String, Long> registers = new TreeMap<>();
        registers.put("pc", image.start());
        registers.put("x0", image.dtbMem());
        registers.put("x1", 0L);
        registers.put("x2", 0L);
        registers.put("x3", 0L);
        return new LaunchPlan(0, segments, registers);
    }

    private static Bytes used(KexecSegment s) {
        return s.bufsz() == s.buf().length() ? s.buf() : Bytes.wrap(Arrays.copyOf(s.buf().array(), (int) s.bufsz()));
    }
}
