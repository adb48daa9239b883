package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.time.VirtualClock;

/** WFI and WFE. */
public final class Waits {
    private final Arm64Cpu cpu;
    private final VirtualClock.Timer monitorTimer;
    private boolean forEvent;

    Waits(Arm64Cpu cpu) {
        this.cpu = cpu;
        monitorTimer = cpu.machine.clock().timer("cpu" + cpu.index() + ".monitor", cpu::eventReceived);
    }

    public void waitForInterrupt() {
        if (goesOn()) {
            return;
        }
        trap(false);
        standBy();
    }

    /** WFI by firmware, which nothing traps. */
    public void waitInFirmware() {
        if (!goesOn()) {
            standBy();
        }
    }

    private boolean goesOn() {
        return cpu.exceptions.wakesUp() || cpu.engine.nested();
    }

    private void standBy() {
        forEvent = false;
        cpu.waitForWakeUp();
    }

    /**
     * A CPU that waits with its exclusive monitor set waits for another's store to the marked place, which clears the monitor and
     * is an event. Stores do not look at monitors here: it looks again after one quantum, as an event stream would have it.
     */
    public void waitForEvent() {
        if (cpu.eventRegister) {
            cpu.eventRegister = false;
            return;
        }
        if (goesOn()) {
            return;
        }
        trap(true);
        forEvent = true;
        if (cpu.exclusiveSize != 0) {
            monitorTimer.set(cpu.machine.clock().now() + Machine.QUANTUM);
        }
        cpu.sysregs.timers.armEventStream();
        cpu.waitForWakeUp();
    }

    private void trap(boolean event) {
        int target = cpu.exceptions.waitTrap(event);
        if (target != 0) {
            throw cpu.exceptions.waitTrapped(target, event);
        }
    }

    public boolean forEvent() {
        return forEvent;
    }

    void forEvent(boolean event) {
        forEvent = event;
    }
}
