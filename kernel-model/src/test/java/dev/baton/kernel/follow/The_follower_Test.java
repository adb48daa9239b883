package dev.baton.kernel.follow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import dev.baton.kernel.GenerationReport.Segment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Hand-overs as a CPU's registers and memory show them, without a CPU. */
class The_follower_Test {
    private static final long RAM = 0x4000_0000L;
    private static final long IMAGE = RAM + 0x20_0000;
    private static final long PURGATORY = RAM + 0x60_0000;
    private static final long LIST = RAM + 0x80_0000;
    private static final long SOURCE = RAM + 0x90_0000;
    private static final long KIMAGE = RAM + 0xa0_0000;
    private static final long OFFSET = 0x8000_0000_0000L;
    private static final long PAGE = 4096;

    private final Machine machine = new Machine();
    private final Ram ram = new Ram(RAM, 16 << 20, CachePolicy.STRICT);
    private final Map<String, Long> registers = new HashMap<>();
    private long[] watched = {};
    private Runnable reached;
    private Runnable off;
    private Cpu.State second = Cpu.State.OFF;
    private Follower follower;

    @BeforeEach
    void a_machine_with_two_CPUs() {
        machine.bus().add(ram);
        machine.add(cpu(0));
        machine.add(cpu(1));
        registers.put("pstate", 0x3c5L);
        follower = new Follower(machine);
        follower.started(new LaunchPlan(0, List.of(), new TreeMap<>()));
    }

    private Cpu cpu(int index) {
        return (Cpu) Proxy.newProxyInstance(Cpu.class.getClassLoader(), new Class<?>[] {Cpu.class}, (p, m, a) -> switch (m.getName()) {
            case "index" -> index;
            case "state" -> index == 0 ? Cpu.State.RUNNING : second;
            case "pc" -> registers.getOrDefault("pc", 0L);
            case "register" -> registers.getOrDefault((String) a[0], 0L);
            case "argument" -> registers.getOrDefault("x" + a[0], 0L);
            case "describe" -> "runs";
            case "whenTranslationGoesOff" -> {
                off = index == 0 ? (Runnable) a[0] : off;
                yield null;
            }
            case "callBeforeAny" -> {
                watched = (long[]) a[0];
                reached = (Runnable) a[1];
                yield null;
            }
            default -> m.getReturnType() == long.class ? (Object) 0L : m.getReturnType() == int.class ? (Object) 0
                    : m.getReturnType() == boolean.class ? (Object) false : null;
        });
    }

    private void enter(long pc) {
        assertTrue(java.util.Arrays.stream(watched).anyMatch(w -> w == pc), "nobody waits for it");
        registers.put("pc", pc);
        reached.run();
    }

    private void words(long pa, long... words) {
        ByteBuffer b = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long w : words) {
            b.putLong(w);
        }
        ram.place(pa, b.array(), 0, b.capacity());
    }

    private void image(long pa) {
        words(pa, 0, 0, 2 * PAGE, 0, 0, 0, 0, 0x644d_5241L);
    }

    /** Two pages of a kernel and one of purgatory. */
    private void list() {
        words(LIST, IMAGE | 1, SOURCE | 8, SOURCE + PAGE | 8, PURGATORY | 1, SOURCE + 2 * PAGE | 8, 4);
        words(KIMAGE, LIST | 2);
        image(SOURCE);
        words(SOURCE + 2 * PAGE, 0x1234);
        words(PURGATORY, 0x1234);
    }

    private void afterCopy(long start) {
        registers.put("x0", KIMAGE - OFFSET);
        registers.put("x14", LIST + 6 * 8 - OFFSET);
        registers.put("x16", 4L);
        registers.put("x22", OFFSET);
        registers.put("x28", start);
        off.run();
        registers.put("x0", 0L);
    }

    private List<String> rules() {
        return machine.findings().all().stream().map(Finding::rule).toList();
    }

    @Test
    void numbers_generations_through_purgatory_and_tells_what_the_list_copied() {
        list();
        image(IMAGE);
        afterCopy(PURGATORY);
        assertTrue(follower.stage().contains("generation 1") && follower.stage().contains("handing over"), follower.stage());
        enter(PURGATORY);
        assertEquals(1, follower.kernels().size());
        assertTrue(follower.stage().contains("in purgatory"), follower.stage());
        enter(IMAGE);
        assertEquals(2, follower.kernels().size());
        assertEquals(List.of(new Segment("kernel", IMAGE, 2 * PAGE), new Segment("purgatory", PURGATORY, PAGE)),
                follower.kernels().getLast().report().segments);
        assertTrue(follower.stage().startsWith("generation 2"), follower.stage());
        assertEquals(List.of("boot-protocol-dtb"), rules());
    }

    @Test
    void knows_the_image_of_a_list_that_is_copied_only_after_translation_went_off() {
        list();
        registers.put("x2", LIST | 2);
        registers.put("x3", IMAGE);
        off.run();
        registers.remove("x2");
        registers.remove("x3");
        image(IMAGE);
        enter(IMAGE);
        assertEquals(2, follower.kernels().size());
        assertEquals(2, follower.kernels().getLast().report().segments.size());
    }

    @Test
    void finds_a_destination_that_memory_does_not_hold() {
        list();
        image(IMAGE);
        words(IMAGE + PAGE + 24, 1);
        afterCopy(IMAGE);
        enter(IMAGE);
        assertEquals("hand-over-differs", rules().getFirst());
        assertTrue(machine.findings().all().getFirst().what().contains("0x%x".formatted(IMAGE + PAGE + 24)));
    }

    @Test
    void gives_up_a_list_that_runs_in_a_circle_or_leaves_memory_or_that_was_copied_over() {
        list();
        image(IMAGE);
        for (long damage : new long[] {LIST | 2, 0x10_0000_0000L | 2, 0x10_0000_0000L | 8, 0}) {
            words(LIST + 32, damage);
            afterCopy(IMAGE);
            enter(IMAGE);
            assertTrue(follower.kernels().getLast().report().segments.isEmpty());
        }
        assertEquals(5, follower.kernels().size());
    }

    @Test
    void takes_no_kernel_that_turns_translation_off_and_on_for_the_next() {
        image(IMAGE);
        off.run();
        registers.put("sctlr_el1", 5L);
        enter(IMAGE);
        assertEquals(1, follower.kernels().size());
        assertTrue(follower.stage().endsWith("running"), follower.stage());
    }

    @Test
    void finds_a_CPU_that_still_runs_the_old_kernel() {
        image(IMAGE);
        second = Cpu.State.RUNNING;
        off.run();
        enter(IMAGE);
        assertTrue(rules().contains("hand-over-cpu-not-off"), rules().toString());
    }

    @Test
    void counts_what_firmware_starts_after_a_reset_too_and_waits_for_no_jump_any_more() {
        image(IMAGE);
        off.run();
        follower.started(new LaunchPlan(0, List.of(), new TreeMap<>()));
        assertEquals(2, follower.kernels().size());
        assertTrue(!follower.stage().contains("handing over"), follower.stage());
    }
}
