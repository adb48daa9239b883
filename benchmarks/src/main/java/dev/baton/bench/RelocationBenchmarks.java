package dev.baton.bench;

import dev.baton.core.mem.CachePolicy;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Relocation by guest instructions against {@code MemorySegment.copy} of the same bytes in 4 KiB pages, in one run. The
 * secondary result {@code bytes} is bytes per second of image.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx2g"})
public class RelocationBenchmarks {
    private static final int PAGE = 4096;

    /** Image size, MiB. */
    @Param({"4", "64", "256", "1024"})
    public int mebibytes;

    /** Bytes of image moved. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Moved {
        public long bytes;
    }

    /** A routine ready to run. */
    @State(Scope.Benchmark)
    public static class Guest {
        @Param({"MMU_OFF", "MMU_ON"})
        public RelocationRig.Routine routine;

        @Param({"strict", "none"})
        public String caches;

        RelocationRig rig;

        @Setup(Level.Trial)
        public void setUp(RelocationBenchmarks b) {
            rig = new RelocationRig(routine, (long) b.mebibytes << 20, CachePolicy.parse(caches));
            rig.relocate();
            if (!rig.relocated()) {
                throw new IllegalStateException("the destination differs from the source after the relocation");
            }
        }

        @TearDown(Level.Trial)
        public void tearDown() {
            rig.close();
        }
    }

    /** Two host buffers. */
    @State(Scope.Benchmark)
    public static class HostBuffers {
        private Arena arena;
        MemorySegment from;
        MemorySegment to;

        @Setup(Level.Trial)
        public void setUp(RelocationBenchmarks b) {
            arena = Arena.ofShared();
            from = arena.allocate((long) b.mebibytes << 20, PAGE).fill((byte) 1);
            to = arena.allocate((long) b.mebibytes << 20, PAGE);
        }

        @TearDown(Level.Trial)
        public void tearDown() {
            arena.close();
        }
    }

    /** The yardstick. */
    @Benchmark
    public void memorySegmentCopy(HostBuffers h, Moved moved) {
        long size = h.from.byteSize();
        for (long at = 0; at < size; at += PAGE) {
            MemorySegment.copy(h.from, at, h.to, at, PAGE);
        }
        moved.bytes += size;
    }

    /** A whole relocation: list walk, copies, cache maintenance, jump. */
    @Benchmark
    public long relocate(Guest g, Moved moved) {
        moved.bytes += (long) mebibytes << 20;
        return g.rig.relocate();
    }
}
