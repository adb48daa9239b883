package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.baton.arm64.Arm64Config;
import dev.baton.core.cpu.StopPoints;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/** What a comparison with QEMU cannot see: snapshots, and a debugger outside the machine beside the guest's own. */
class Self_hosted_debug_Test {
    private static final int NOP = 0xd503201f;
    /** {@code b .} */
    private static final int FOREVER = 0x14000000;
    private static final long VECTORS = Bare.RAM + 0x1_0000;
    private static final long SS = 1;
    private static final long KDE = 1L << 13;
    private static final long MDE = 1L << 15;
    private static final long STEPPED = 0x33L << 26 | 1 << 25 | 1 << 24 | 0x22;
    private static final long BREAKPOINT = 0x31L << 26 | 1 << 25 | 0x22;
    /** Enabled, EL1, all four bytes. */
    private static final long AT_EL1 = 1 | 1 << 1 | 0xf << 5;

    private Bare b;

    @BeforeEach
    void start() {
        b = machine();
    }

    @AfterEach
    void close() {
        b.close();
    }

    private static Bare machine() {
        Bare m = new Bare(1, CachePolicy.NONE, Arm64Config.defaults().withModel("max"), 1);
        for (int i = 0; i < 16; i++) {
            m.ram.store(m.cpu, Bare.RAM + 4L * i, 4, NOP, true);
        }
        m.ram.store(m.cpu, VECTORS + 0x200, 4, FOREVER, true);
        m.set("VBAR_EL1", VECTORS);
        m.set("OSLAR_EL1", 0);
        m.cpu.daif = 0;
        return m;
    }

    /** The same machine, or another one, from the snapshot of this one. */
    private void restored(boolean elsewhere) {
        byte[] snapshot = b.machine.snapshot();
        if (elsewhere) {
            b.close();
            b = machine();
        }
        b.machine.restore(snapshot);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_step_that_was_made_is_still_pending_after_a_restore(boolean elsewhere) {
        b.set("MDSCR_EL1", SS | KDE);
        b.cpu.ss = true;
        b.machine.run(1);
        assertEquals(Bare.RAM + 4, b.cpu.pc());
        assertEquals(0, b.get("ESR_EL1"));
        restored(elsewhere);
        b.machine.run(1);
        assertEquals(STEPPED, b.get("ESR_EL1"));
        assertEquals(Bare.RAM + 4, b.get("ELR_EL1"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_breakpoint_is_still_there_after_a_restore(boolean elsewhere) {
        b.set("MDSCR_EL1", MDE | KDE);
        b.set("DBGBVR3_EL1", Bare.RAM + 0x20);
        b.set("DBGBCR3_EL1", AT_EL1);
        b.machine.run(3);
        restored(elsewhere);
        b.machine.run(20);
        assertEquals(BREAKPOINT, b.get("ESR_EL1"));
        assertEquals(Bare.RAM + 0x20, b.get("ELR_EL1"));
    }

    @Test
    void a_debugger_outside_stops_before_the_breakpoint_and_then_the_guest_takes_it() {
        b.set("MDSCR_EL1", MDE | KDE);
        b.set("DBGBVR0_EL1", Bare.RAM + 0x20);
        b.set("DBGBCR0_EL1", AT_EL1);
        b.cpu.stopPoints(new StopPoints(new long[] {Bare.RAM + 0x20}, List.of()));
        b.machine.run(8);
        assertNull(b.cpu.stopHit());
        b.cpu.run(5);
        assertNotNull(b.cpu.stopHit());
        assertEquals(Bare.RAM + 0x20, b.cpu.pc());
        b.cpu.run(5);
        assertEquals(BREAKPOINT, b.get("ESR_EL1"));
    }

    @Test
    void the_guest_s_breakpoints_stop_no_debugger_and_those_that_do_not_match_nobody() {
        b.set("MDSCR_EL1", MDE | KDE);
        b.set("DBGBVR0_EL1", Bare.RAM + 0x20);
        b.set("DBGBCR0_EL1", AT_EL1 & ~6 | 2 << 1);
        b.machine.run(12);
        assertNull(b.cpu.stopHit());
        assertEquals(Bare.RAM + 4 * 12, b.cpu.pc());
        assertEquals(0, b.get("ESR_EL1"));
    }
}
