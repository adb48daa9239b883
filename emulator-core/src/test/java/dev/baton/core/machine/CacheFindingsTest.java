package dev.baton.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.CacheChecks;
import dev.baton.core.finding.Finding;
import dev.baton.core.finding.WriterReplay;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Maintenance;
import dev.baton.core.mem.Ram;
import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

class CacheFindingsTest {
    private static final long RAM = 0x4000_0000L;
    private static final long DATA = RAM + 0x1000;

    /** What CPU 0 does at its n-th instruction; its PC there is 0x1000 + 4n. */
    private interface Step {
        void at(Ram ram, Cpu cpu);
    }

    private static final class ProgrammedCpu extends ScriptedCpu {
        ProgrammedCpu(Ram ram, Map<Long, Step> program, long end) {
            super(0);
            instruction = n -> {
                Step s = program.get(n);
                if (s != null) {
                    s.at(ram, this);
                }
                if (n == end) {
                    state = State.OFF;
                    endSlice();
                }
            };
        }

        @Override
        public long pc() {
            return 0x1000 + 4 * count;
        }

        @Override
        public String activity() {
            return count < 20 ? "copying the list" : "";
        }
    }

    private static Machine machine(Map<Long, Step> program) {
        Machine m = new Machine();
        Ram ram = new Ram(RAM, 1 << 20, CachePolicy.STRICT);
        m.bus().add(ram);
        CacheChecks.install(m);
        ProgrammedCpu cpu = new ProgrammedCpu(ram, program, 100);
        m.add(cpu);
        cpu.powerOn(new java.util.TreeMap<>());
        return m;
    }

    private static List<Finding> findings(Map<Long, Step> program) {
        Machine m = machine(program);
        m.run(1000);
        List<Finding> all = m.findings().all();
        m.close();
        return all;
    }

    private static List<Finding> explained(Map<Long, Step> program) {
        return WriterReplay.explain(findings(program), (Consumer<Machine> prepare, long time) -> {
            Machine again = machine(program);
            prepare.accept(again);
            again.run(1000);
            again.close();
        });
    }

    private static Step store(long pa, long value, boolean cacheable) {
        return (ram, cpu) -> ram.store(cpu, pa, 8, value, cacheable);
    }

    private static Step load(long pa, boolean cacheable) {
        return (ram, cpu) -> ram.load(cpu, pa, 8, cacheable);
    }

    private static Step fetch(long pa) {
        return (ram, cpu) -> ram.fetch(cpu, pa, 4, false);
    }

    private static Step maintain(Maintenance op, long pa) {
        return (ram, cpu) -> ram.maintain(cpu, op, pa, 64, true);
    }

    @Test
    void a_load_past_the_caches_of_a_dirty_line_names_both_values() {
        Finding f = findings(Map.of(10L, store(DATA + 8, 0x1122, true), 30L, load(DATA + 8, false))).getFirst();
        assertEquals("poc-load-of-dirty-line", f.rule());
        assertEquals(0x1000 + 4 * 30, f.pc());
        assertEquals("0x40001008", f.details().get("pa"));
        assertEquals("0x0000000000001122", f.details().get("cached"));
        assertEquals("0x0000000000000000", f.details().get("poc"));
        assertTrue(f.details().get("cached line").startsWith("0000000000000000" + "2211"), f.details().toString());
        assertTrue(f.source().contains("booting.rst"), f.source());
    }

    @Test
    void replay_names_the_store_that_was_never_cleaned() {
        Finding f = explained(Map.of(5L, store(DATA, 1, true), 10L, store(DATA + 8, 2, true), 15L, store(DATA + 16, 3, true),
                30L, load(DATA + 8, false))).getFirst();
        assertEquals("CPU 0 at pc 0x1028, copying the list", f.details().get("writer"), "not the later store to other bytes of the line");
        assertEquals("10", f.details().get("written at"));
        assertEquals("none", f.details().get("last maintenance"));
        assertEquals("DC CVAC or DC CIVAC of 0x40001000 after the store at pc 0x1028, before the access past the caches at pc 0x1078",
                f.details().get("missing"));
    }

    @Test
    void replay_tells_of_a_clean_that_came_before_the_last_store() {
        Finding f = explained(Map.of(5L, store(DATA, 1, true), 7L, maintain(Maintenance.CLEAN, DATA), 9L, store(DATA, 2, true),
                30L, load(DATA, false))).getFirst();
        assertEquals("CPU 0 at pc 0x1024, copying the list", f.details().get("writer"));
        assertEquals("CLEAN by CPU 0 at pc 0x101c, time 7", f.details().get("last maintenance"));
    }

    @Test
    void a_fetch_past_the_caches_has_a_rule_of_its_own() {
        Finding f = explained(Map.of(25L, store(DATA, 0xd503201f, true), 30L, fetch(DATA))).getFirst();
        assertEquals("poc-fetch-of-dirty-line", f.rule());
        assertEquals("CPU 0 at pc 0x1064", f.details().get("writer"));
    }

    @Test
    void a_cacheable_load_of_a_line_changed_in_memory_names_the_store_past_the_caches() {
        Finding f = explained(Map.of(5L, load(DATA, true), 25L, store(DATA, 7, false), 30L, load(DATA, true))).getFirst();
        assertEquals("cached-load-of-stale-line", f.rule());
        assertEquals("CPU 0 at pc 0x1064", f.details().get("writer"));
        assertTrue(f.details().get("missing").startsWith("DC IVAC or DC CIVAC of 0x40001000 after the store at pc 0x1064"));
    }

    @Test
    void a_clean_over_a_store_past_the_caches_names_that_store() {
        Finding f = explained(Map.of(5L, store(DATA, 1, true), 25L, store(DATA + 8, 7, false), 27L, store(DATA, 2, true),
                30L, maintain(Maintenance.CLEAN, DATA))).getFirst();
        assertEquals("write-back-over-poc-store", f.rule());
        assertEquals("CPU 0 at pc 0x1064", f.details().get("writer"));
    }

    @Test
    void store_clean_load_past_the_caches_is_no_finding() {
        assertEquals(List.of(), findings(Map.of(5L, store(DATA, 1, true), 7L, maintain(Maintenance.CLEAN, DATA), 30L, load(DATA, false))));
    }

    @Test
    void store_past_the_caches_invalidate_cacheable_load_is_no_finding() {
        assertEquals(List.of(), findings(Map.of(5L, load(DATA, true), 7L, store(DATA, 1, false), 9L, maintain(Maintenance.INVALIDATE, DATA),
                30L, load(DATA, true))));
    }

    @Test
    void a_loop_over_a_dirty_range_is_one_finding_and_counts_the_rest() {
        Map<Long, Step> program = new HashMap<>();
        program.put(5L, (ram, cpu) -> {
            for (int i = 0; i < 8; i++) {
                ram.store(cpu, DATA + 64L * i, 8, 1, true);
            }
        });
        program.put(30L, (ram, cpu) -> {
            for (int i = 0; i < 8; i++) {
                ram.load(cpu, DATA + 64L * i, 8, false);
            }
        });
        Machine m = machine(program);
        m.run(1000);
        assertEquals(1, m.findings().all().size());
        assertEquals(7, m.findings().repeated());
        m.close();
    }

    @Test
    void nothing_is_run_again_when_no_finding_concerns_a_line() {
        Finding other = new Finding("other", Finding.Severity.ERROR, "x", 0, 0, 0, Map.of(), "y");
        assertEquals(List.of(other), WriterReplay.explain(List.of(other), (prepare, time) -> {
            throw new AssertionError("no rerun was needed");
        }));
    }
}
