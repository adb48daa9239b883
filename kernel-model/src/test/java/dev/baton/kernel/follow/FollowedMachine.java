package dev.baton.kernel.follow;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Hand-overs as a CPU's registers and memory show them, without a CPU: two of which only the first ever runs, and a list to relocate. */
final class FollowedMachine {
    static final long RAM = 0x4000_0000L;
    static final long IMAGE = RAM + 0x20_0000;
    static final long PURGATORY = RAM + 0x60_0000;
    static final long LIST = RAM + 0x80_0000;
    static final long SOURCE = RAM + 0x90_0000;
    static final long KIMAGE = RAM + 0xa0_0000;
    static final long CODE = RAM + 0xb0_0010;
    static final long OFFSET = 0x8000_0000_0000L;
    static final long PAGE = 4096;

    final Machine machine = new Machine();
    final Ram ram = new Ram(RAM, 16 << 20, CachePolicy.STRICT);
    final Map<String, Long> registers = new HashMap<>();
    private long[] watched = {};
    private Runnable reached;
    Runnable off;
    private Runnable identityPage;
    Cpu.State second = Cpu.State.OFF;
    final Follower follower;

    FollowedMachine() {
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
            case "whenIdentityPageBegins" -> {
                identityPage = index == 0 ? (Runnable) a[0] : identityPage;
                yield null;
            }
            case "translate" -> (long) a[0] + (translated() && (long) a[0] < RAM ? OFFSET : 0);
            case "callBeforeAny" -> {
                watched = (long[]) a[0];
                reached = (Runnable) a[1];
                yield null;
            }
            default -> m.getReturnType() == long.class ? (Object) 0L : m.getReturnType() == int.class ? (Object) 0
                    : m.getReturnType() == boolean.class ? (Object) false : null;
        });
    }

    private boolean translated() {
        return registers.getOrDefault("sctlr_el1", 0L) != 0;
    }

    void enter(long pc) {
        assertTrue(java.util.Arrays.stream(watched).anyMatch(w -> w == pc), "nobody waits for it");
        registers.put("pc", pc);
        reached.run();
    }

    void words(long pa, long... words) {
        ByteBuffer b = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long w : words) {
            b.putLong(w);
        }
        ram.place(pa, b.array(), 0, b.capacity());
    }

    void image(long pa) {
        words(pa, 0, 0, 2 * PAGE, 0, 0, 0, 0, 0x644d_5241L);
    }

    /** Two pages of a kernel and one of purgatory. */
    void list() {
        words(LIST, IMAGE | 1, SOURCE | 8, SOURCE + PAGE | 8, PURGATORY | 1, SOURCE + 2 * PAGE | 8, 4);
        words(KIMAGE, LIST | 2);
        image(SOURCE);
        words(SOURCE + 2 * PAGE, 0x1234);
        words(PURGATORY, 0x1234);
    }

    /** The relocation of v5.16: its first instruction, and the one that turns translation off. */
    void relocation(long start) {
        begins(start);
        registers.put("sctlr_el1", 0L);
        off.run();
        registers.put("x0", 0L);
    }

    void begins(long start) {
        words(KIMAGE + 24, start);
        registers.put("sctlr_el1", 5L);
        registers.put("x0", KIMAGE - OFFSET);
        begins();
    }

    void begins() {
        registers.put("pc", CODE);
        identityPage.run();
    }

    List<String> rules() {
        return machine.findings().all().stream().map(Finding::rule).toList();
    }
}
