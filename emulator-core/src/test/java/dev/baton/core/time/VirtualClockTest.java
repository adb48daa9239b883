package dev.baton.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class VirtualClockTest {
    @Test
    void due_timers_fire_in_order_of_time_then_of_creation() {
        VirtualClock clock = new VirtualClock();
        List<String> fired = new ArrayList<>();
        VirtualClock.Timer a = clock.timer("a", () -> fired.add("a"));
        VirtualClock.Timer b = clock.timer("b", () -> fired.add("b"));
        VirtualClock.Timer c = clock.timer("c", () -> fired.add("c"));
        c.set(10);
        b.set(20);
        a.set(20);
        assertEquals(10, clock.earliest());
        clock.base(19);
        clock.fireDue();
        assertEquals(List.of("c"), fired);
        clock.base(20);
        clock.fireDue();
        assertEquals(List.of("c", "a", "b"), fired);
        assertEquals(VirtualClock.NEVER, clock.earliest());
    }

    @Test
    void a_timer_that_sets_itself_again_fires_once_per_setting() {
        VirtualClock clock = new VirtualClock();
        int[] count = {0};
        VirtualClock.Timer[] t = new VirtualClock.Timer[1];
        t[0] = clock.timer("tick", () -> {
            count[0]++;
            t[0].set(clock.now() + 100);
        });
        t[0].set(0);
        for (long now = 0; now <= 1000; now += 50) {
            clock.base(now);
            clock.fireDue();
        }
        assertEquals(11, count[0]);
    }

    @Test
    void now_counts_the_running_slice() {
        VirtualClock clock = new VirtualClock();
        clock.sliceProgress(() -> 7);
        clock.base(100);
        assertEquals(107, clock.now());
    }
}
