package dev.baton.bench;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Translation;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Speed of the A64 interpreter. The secondary result {@code instructions} is guest instructions per microsecond, MIPS, by the
 * clock on the wall; beside each iteration stands the same by the CPU time of the thread, which a loaded host disturbs less.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = {"--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx2g",
    "-XX:+UnlockExperimentalVMOptions", "-XX:+TrustFinalNonStaticFields"})
public class InterpreterBenchmarks {
    private static final long SEED = 42;
    /** What {@code work(42)} returns on any little-endian machine; computed by the same C compiled for the host. */
    private static final long DIGEST = 0x0ff1_4056_d4be_a19fL;
    /** Copies of {@code work}: about 37,000 instructions. */
    private static final int COPIES = 60;

    /** Guest instructions executed. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Guest {
        private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private long nanoseconds;
        private long counted;
        public long instructions;

        @Setup(Level.Iteration)
        public void begin() {
            nanoseconds = -threads.getCurrentThreadCpuTime();
            counted = 0;
        }

        void count(long n) {
            instructions += n;
            counted += n;
        }

        @TearDown(Level.Iteration)
        public void end() {
            nanoseconds += threads.getCurrentThreadCpuTime();
            System.out.printf("(%.0f MIPS of CPU time) ", counted * 1e3 / nanoseconds);
        }
    }

    private GuestProgram compiled;
    private GuestProgram flat;
    private GuestProgram mixed;
    private GuestProgram stepped;
    private GuestProgram translated;
    private GuestProgram translatedLoop;

    @Setup
    public void setUp() {
        UnaryOperator<Arm64Config> t0 = c -> c.withTranslation(Translation.NEVER);
        compiled = new GuestProgram("work", 1, t0);
        flat = new GuestProgram("work", COPIES, t0);
        mixed = new GuestProgram("mixed", 1, t0);
        stepped = new GuestProgram("work", 1, c -> c.withStepper(true));
        UnaryOperator<Arm64Config> t1 = c -> c.withTranslation(new Translation(0, 5, 4000));
        translated = new GuestProgram("work", 1, t1);
        translatedLoop = new GuestProgram("mixed", 1, t1);
    }

    @TearDown
    public void tearDown() {
        compiled.close();
        flat.close();
        mixed.close();
        stepped.close();
        translated.close();
        translatedLoop.close();
    }

    private static void work(GuestProgram program, long iterations, Guest guest) {
        guest.count(program.run(SEED, iterations));
        if (program.result() != DIGEST) {
            throw new IllegalStateException("work(42) returned 0x" + Long.toHexString(program.result()));
        }
    }

    /** T0 on compiled C: device tree walk, strcmp, CRC, quicksort, hash chains. */
    @Benchmark
    public void compiledC(Guest guest) {
        work(compiled, 10, guest);
    }

    /** The same with T1 for what is hot. */
    @Benchmark
    public void compiledCTranslated(Guest guest) {
        work(translated, 10, guest);
    }

    /** T0 on sixty copies of it, each run once in turn: code that is warm nowhere. */
    @Benchmark
    public void flatFootprint(Guest guest) {
        work(flat, 1, guest);
    }

    /** T0 on a loop of arithmetic, unpredictable branches, loads and stores. */
    @Benchmark
    public void mixed(Guest guest) {
        guest.count(mixed.run(GuestProgram.data(), 100));
    }

    /** The same with T1. */
    @Benchmark
    public void mixedTranslated(Guest guest) {
        guest.count(translatedLoop.run(GuestProgram.data(), 100));
    }

    /** The observed stepper on compiled C, nobody listening. */
    @Benchmark
    public void stepper(Guest guest) {
        work(stepped, 2, guest);
    }
}
