package dev.baton.images;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan.Segment;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.images.cpio.CpioReader;
import dev.baton.images.cpio.CpioWriter;
import dev.baton.images.elf.ElfMachine;
import dev.baton.images.elf.ElfWriter;
import dev.baton.images.elf.ProgramHeader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Damaged files of every format: each is read, or refused in one sentence; nothing else is thrown, and neither time nor
 * memory grow with what a file claims. Seeded: a failure names the case that repeats it.
 */
final class Mutated_images_Test {
    private static final int CASES = 12_000;
    private static final long SEED = 0x6261_746f_6eL;
    private static final long MEMORY = 8 << 20;
    /** What loading may allocate: the memory that the machine has, twice over, and as much as a sentence takes. */
    private static final long ALLOCATION = 3 * MEMORY;
    private static final int[] INTERESTING = {0, 1, -1, 2, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff, 0x1000, 0x10_0000};

    enum Format {
        IMAGE(image(), f -> ImageKinds.load(f, MEMORY)),
        GZIP(Compressed.gzip(image()), f -> ImageKinds.load(f, MEMORY)),
        ELF(elf(), f -> ImageKinds.load(f, MEMORY)),
        CPIO(cpio(), CpioReader::read),
        SYSTEM_MAP("ffff800008000000 T _text\nffff800008010000 t bcmp\n".repeat(20).getBytes(), SymbolMap::parseSystemMap);

        private final byte[] seed;
        private final Function<ImageFile, Object> reader;

        Format(byte[] seed, Function<ImageFile, Object> reader) {
            this.seed = seed;
            this.reader = reader;
        }
    }

    private static byte[] image() {
        return Arrays.copyOf(ImageHeader.of(0xd503_201f, 0x1400_0010, 0x8000, 4).write(), 0x2000);
    }

    private static byte[] elf() {
        ElfWriter w = new ElfWriter(ElfMachine.AARCH64, 0x1_0000);
        w.segment(".text", 0x1_0000, Bytes.of(new byte[256]), 256, ProgramHeader.PF_X | ProgramHeader.PF_R);
        w.segment(".data", 0x2_0100, Bytes.of(new byte[64]), 0x1000, ProgramHeader.PF_W);
        return w.symbol("_start", 0x1_0000, 16).symbol("data", 0x2_0100, 0).write();
    }

    private static byte[] cpio() {
        return new CpioWriter().directory("dev", 0755).file("init", 0755, Bytes.of(new byte[100])).symlink("a", "init").write();
    }

    @ParameterizedTest
    @EnumSource
    void are_read_or_refused_in_one_sentence_in_bounded_time_and_memory(Format format) {
        Outcome outcome = new Outcome();
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            for (int i = 0; i < CASES; i++) {
                byte[] damaged = damage(format.seed, new SplittableRandom(SEED ^ (long) format.ordinal() << 40 ^ i));
                long before = threads.getCurrentThreadAllocatedBytes();
                outcome.count(read(format, damaged, i));
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(allocated < ALLOCATION, format + " case " + i + " allocated " + allocated + " bytes");
            }
        });
        assertTrue(outcome.accepted > 0 && outcome.refused > CASES / 20, format + ": " + outcome.accepted + " accepted, " + outcome.refused
                + " refused: the damage tests nothing");
    }

    private static final class Outcome {
        private int accepted;
        private int refused;

        void count(boolean ok) {
            if (ok) {
                accepted++;
            } else {
                refused++;
            }
        }
    }

    private static boolean read(Format format, byte[] damaged, int i) {
        try {
            Object result = format.reader.apply(ImageFile.of("damaged", damaged));
            if (result instanceof LoadedImage image) {
                long size = image.segments().stream().mapToLong(Segment::size).sum();
                assertTrue(size <= MEMORY, format + " case " + i + " is larger than memory");
                assertTrue(image.segments().stream().allMatch(s -> s.bytes().length() <= s.size()), format + " case " + i);
            }
            return true;
        } catch (ImageFormatException e) {
            assertTrue(e.getMessage().startsWith("damaged: ") && e.getMessage().length() < 400, e.getMessage());
            assertFalse(e.getMessage().chars().anyMatch(Character::isISOControl), e.getMessage());
            return false;
        } catch (RuntimeException | OutOfMemoryError e) {
            throw new AssertionError(format + " case " + i + ": " + e, e);
        }
    }

    /** One to four of: a bit flipped, a byte or word replaced, the end cut off or extended, a run copied elsewhere. */
    private static byte[] damage(byte[] seed, RandomGenerator random) {
        byte[] b = seed.clone();
        for (int n = random.nextInt(1, 5); n > 0; n--) {
            b = damageOnce(b, random);
        }
        return b;
    }

    private static byte[] damageOnce(byte[] b, RandomGenerator random) {
        if (b.length < 16) {
            return Arrays.copyOf(b, 64);
        }
        int head = Math.min(b.length, 256);
        int at = random.nextBoolean() ? random.nextInt(head - 8) : random.nextInt(b.length - 8);
        ByteBuffer words = ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN);
        switch (random.nextInt(8)) {
            case 0, 1 -> b[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> b[at] = (byte) random.nextInt();
            case 3 -> words.putInt(at, INTERESTING[random.nextInt(INTERESTING.length)]);
            case 4 -> words.putLong(at & -8, INTERESTING[random.nextInt(INTERESTING.length)]);
            case 5 -> words.putLong(at, random.nextLong());
            case 6 -> System.arraycopy(b, random.nextInt(b.length - 8), b, at, 8);
            default -> {
                return Arrays.copyOf(b, random.nextInt(b.length + 64));
            }
        }
        return b;
    }
}
