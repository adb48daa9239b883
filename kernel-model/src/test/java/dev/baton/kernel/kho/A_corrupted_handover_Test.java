package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.kernel.ArrayMemory;
import dev.baton.kernel.Era;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.TestKernel;
import dev.baton.kernel.mm.PhysRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class A_corrupted_handover_Test {
    private static final int ROUNDS = 100;

    @ParameterizedTest
    @EnumSource(value = Era.class, names = {"V6_16", "V7_2"})
    void is_refused_reported_or_survived_and_never_an_exception_or_a_loop(Era era) {
        ArrayMemory memory = TestKernel.memory(64);
        TestKernel one = TestKernel.boot(memory, era);
        one.test.preserve("kho_test", List.of(0, 2), 1);
        if (era == Era.V6_16) {
            one.kho.finalizeWrite(true);
        }
        one.load(2);
        List<PhysRange> targets = new ArrayList<>(one.kho.metadata().stream().map(Kho.Metadata::range).toList());
        targets.add(PhysRange.of(one.kexec.image().khoScratch().mem(), 48));
        byte[] before = memory.snapshot();
        Random random = new Random(17);
        int cold = 0;
        int panics = 0;
        for (int round = 0; round < ROUNDS; round++) {
            memory.write(TestKernel.RAM, before);

            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                corrupt(memory, targets.get(random.nextInt(targets.size())), random);
            }
            try {
                TestKernel two = one.jumpUnchecked(era);
                two.test.restore("kho_test");
                cold += two.kho.isKhoBoot() ? 0 : 1;
            } catch (KernelError e) {
                // No memory for the page array: Linux panics here too.
                panics++;
            }
        }
        assertTrue(cold > 5 && cold < ROUNDS, cold + " cold boots");
        assertFalse(panics > ROUNDS / 4, panics + " panics");
    }

    private static void corrupt(ArrayMemory memory, PhysRange where, Random random) {
        long used = Math.min(where.size(), 512);
        long at = where.start() + 8 * random.nextInt((int) (used / 8));
        long value = switch (random.nextInt(5)) {
            case 0 -> random.nextLong();
            case 1 -> -1;
            case 2 -> TestKernel.RAM + random.nextInt(64 << 20);
            case 3 -> where.start();
            default -> memory.u64(at) ^ 1L << random.nextInt(64);
        };
        memory.u64(at, value);
    }
}
