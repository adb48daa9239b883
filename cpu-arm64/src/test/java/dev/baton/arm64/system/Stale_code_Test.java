package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.core.finding.Finding;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Instructions that memory no longer holds: a missing IC is found, a kernel that patches itself is left alone. */
class Stale_code_Test {
    private static final int NOP = 0xd503201f;
    private static final int RET = 0xd65f03c0;
    private static final int ADD_X0_1 = 0x91000400;
    private static final int MOV_X9_LR = 0xaa1e03e9;
    private static final int STR_W1_X2 = 0xb9000041;
    private static final int STR_W4_X2 = 0xb9000044;
    private static final int STAY = 0x14000000;
    private static final int SUB_X3_1 = 0xd1000463;
    private static final int CBNZ_X3_BACK = 0xb5ffffe3;
    private static final int CBNZ_X3_BACK_8 = 0xb5ffffc3;
    private static final int IC_IVAU_X2 = 0xd50b7522;
    private static final long FUNCTION = Bare.RAM + 0x100;
    private static final long ELSEWHERE = Bare.RAM + 0x2000;

    private static int callElsewhere(int from) {
        return 0x94000000 | 0x800 - from;
    }

    private static int call(int from) {
        return 0x94000000 | 0x40 - from;
    }

    /** Runs {@code main} with the MMU off: it calls FUNCTION, whose first word is {@code old}, and stores {@code patch} there. */
    private static List<String> findings(int old, int patch, int... main) {
        return findings(FUNCTION, 10_000_001, old, patch, main);
    }

    /** The same with {@code function} in X2, {@code times} in X3 and {@code old} in W4. */
    private static List<String> findings(long function, long times, int old, int patch, int... main) {
        try (Bare b = new Bare(1)) {
            put(b, Bare.RAM, main);
            put(b, function, old, RET);
            b.cpu.x[1] = patch;
            b.cpu.x[2] = function;
            b.cpu.x[3] = times;
            b.cpu.x[4] = old;
            b.machine.run(30_000_000);
            return b.machine.findings().all().stream().map(Finding::rule).toList();
        }
    }

    private static void put(Bare b, long pa, int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int w : words) {
            bytes.putInt(w);
        }
        b.ram.place(pa, bytes.array(), 0, bytes.capacity());
    }

    @Test
    void an_instruction_replaced_without_ic_is_found_at_once() {
        assertEquals(List.of("stale-instruction-executed"), findings(ADD_X0_1, MOV_X9_LR, call(0), STR_W1_X2, call(2), STAY));
    }

    @Test
    void with_ic_ivau_there_is_nothing_to_find() {
        assertEquals(List.of(), findings(ADD_X0_1, MOV_X9_LR, call(0), STR_W1_X2, IC_IVAU_X2, call(3), STAY));
    }

    @Test
    void an_instruction_put_back_is_looked_at_when_it_is_replaced_again() {
        assertEquals(List.of("stale-instruction-executed"), findings(ADD_X0_1, MOV_X9_LR, call(0), STR_W1_X2, STR_W4_X2, call(3),
                STR_W1_X2, call(5), STAY));
    }

    /** After a thousand stores the page counts as data. Its code is not forgotten: not what was stored, nor what is stored later. */
    @Test
    void code_that_became_data_and_then_code_again_is_judged_by_what_memory_holds() {
        int[] becomesData = {callElsewhere(0), STR_W1_X2, SUB_X3_1, CBNZ_X3_BACK_8};
        assertEquals(List.of("stale-instruction-executed"), findings(ELSEWHERE, 3000, ADD_X0_1, MOV_X9_LR,
                with(becomesData, callElsewhere(4), STAY)));
        assertEquals(List.of(), findings(ELSEWHERE, 3000, ADD_X0_1, MOV_X9_LR,
                with(becomesData, STR_W4_X2, callElsewhere(5), STAY)));
        assertEquals(List.of("stale-instruction-executed"), findings(ELSEWHERE, 3000, ADD_X0_1, MOV_X9_LR,
                with(becomesData, STR_W4_X2, callElsewhere(5), STR_W1_X2, callElsewhere(7), STAY)));
    }

    private static int[] with(int[] first, int... then) {
        return IntStream.concat(Arrays.stream(first), Arrays.stream(then)).toArray();
    }

    @Test
    void an_instruction_that_may_be_patched_live_is_given_the_time_a_patch_takes() {
        assertEquals(List.of(), findings(NOP, MOV_X9_LR, call(0), STR_W1_X2, call(2), STAY));
    }

    @Test
    void and_is_found_after_that_time() {
        assertEquals(List.of("stale-instruction-executed"),
                findings(NOP, MOV_X9_LR, call(0), STR_W1_X2, SUB_X3_1, CBNZ_X3_BACK, call(4), STAY));
    }
}
