package dev.baton.bench;

import dev.baton.core.mem.CachePolicy;
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

import java.util.concurrent.TimeUnit;

/** A guest's {@code DC CIVAC} loop over 16 MiB: over lines that are absent, and over lines that it dirtied before. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx2g"})
public class MaintenanceBenchmarks {
    @Param({"strict", "none"})
    public String caches;

    private RelocationRig rig;

    @Setup(Level.Trial)
    public void setUp() {
        rig = new RelocationRig(RelocationRig.Routine.MMU_ON, 16L << 20, CachePolicy.parse(caches));
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        rig.close();
    }

    /** The loop alone: nothing is in the cache. */
    @Benchmark
    public long cleanInvalidateAbsent() {
        return rig.cleanInvalidateDestination();
    }

    /** One store per line, no maintenance: to be subtracted from the next. */
    @Benchmark
    public long dirtyEveryLine() {
        return rig.dirtyDestination();
    }

    /** One store per line, then the loop writes every line back. */
    @Benchmark
    public long dirtyEveryLineThenCleanInvalidate() {
        return rig.dirtyDestination() + rig.cleanInvalidateDestination();
    }
}
