package dev.baton.bench;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the main thread of a run spends its time, by rooms of the code, from a flight recording. A sample counts for the innermost
 * frame that a room owns: a handler's fast path through memory counts for the handler, a miss for the slow path.
 */
public final class BootProfile {
    /** Beginnings of {@code class.method} below {@code dev.baton}, first match wins, and whose time it is. */
    private static final Map<String, String> ROOMS = rooms();

    private BootProfile() { }

    private static Map<String, String> rooms() {
        Map<String, String> r = new LinkedHashMap<>();
        r.put("arm64.mmu.Walker", "page walks");
        r.put("arm64.mmu.Stage2", "page walks");
        r.put("arm64.mmu.", "translation: TLB, its checks, fills");
        r.put("core.mem.SoftTlb", "translation: TLB, its checks, fills");
        r.put("arm64.generated.A64Decoder", "decode");
        r.put("arm64.engine.BlockBuilder", "decode");
        r.put("arm64.engine.Translator", "T1: making classes");
        r.put("arm64.engine.CodeCache", "code cache: lookups, invalidation");
        r.put("arm64.engine.CodeBytes", "code cache: lookups, invalidation");
        r.put("arm64.engine.MemoryPath", "memory slow path");
        r.put("core.mem.", "memory slow path");
        r.put("arm64.engine.Translated.", "T1: translated blocks");
        r.put("arm64.a64.FusedPairs", "handlers, fused");
        r.put("arm64.a64.", "handlers");
        r.put("arm64.fp.", "handlers");
        r.put("arm64.sysreg.", "system registers and instructions");
        r.put("arm64.exception.", "exceptions");
        r.put("arm64.engine.", "dispatch");
        r.put("devices.", "devices");
        r.put("core.machine.", "scheduler");
        return r;
    }

    /** @param arguments the recording */
    public static void main(String[] arguments) throws IOException {
        Map<String, Integer> counts = new LinkedHashMap<>();
        int all = 0;
        try (RecordingFile file = new RecordingFile(Path.of(arguments[0]))) {
            while (file.hasMoreEvents()) {
                RecordedEvent e = file.readEvent();
                if (e.getEventType().getName().equals("jdk.ExecutionSample") && "main".equals(e.getThread("sampledThread").getJavaName())) {
                    counts.merge(e.getStackTrace() == null ? "unknown" : room(e.getStackTrace().getFrames()), 1, Integer::sum);
                    all++;
                }
            }
        }
        int samples = all;
        counts.entrySet().stream().sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(c -> System.out.printf("%5.1f %%  %s%n", 100.0 * c.getValue() / samples, c.getKey()));
        System.out.println(samples + " samples");
    }

    private static String room(List<RecordedFrame> frames) {
        for (RecordedFrame f : frames) {
            RecordedMethod m = f.getMethod();
            String name = m.getType().getName() + "." + m.getName();
            for (Map.Entry<String, String> r : ROOMS.entrySet()) {
                if (name.startsWith("dev.baton." + r.getKey())) {
                    return r.getValue();
                }
            }
        }
        return "start and the rest";
    }
}
