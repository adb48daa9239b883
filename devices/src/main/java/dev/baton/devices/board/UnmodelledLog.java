package dev.baton.devices.board;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.devices.UnmodelledAccess;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The first access of each kind to something that no device models, with who made it. For people; no part of the machine's state. */
public final class UnmodelledLog {
    private static final int LIMIT = 1000;

    /**
     * @param register device and register
     * @param size     bytes
     * @param value    what was written, 0 for a read
     * @param cpu      index of the CPU, -1 if none was running
     * @param pc       PC of the instruction, 0 if none
     */
    public record Access(boolean write, String register, int size, long value, int cpu, long pc) {
        @Override
        public String toString() {
            String what = write ? "write of 0x%x to".formatted(value) : "read of";
            return "%s %s (%d bytes), which is not modelled, by CPU %d at pc 0x%x".formatted(what, register, size, cpu, pc);
        }
    }

    private final Machine machine;
    private final List<Access> first = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private Consumer<Access> listener = access -> { };

    UnmodelledLog(Machine machine) {
        this.machine = machine;
    }

    /** Told of each access as it is listed. */
    public void listener(Consumer<Access> l) {
        listener = l;
    }

    /** At most 1000, in the order in which they happened. */
    public List<Access> accesses() {
        return List.copyOf(first);
    }

    /** For a device whose registers are listed under this name. */
    UnmodelledAccess of(String device) {
        return (write, register, size, value) -> report(write + device + register, write, device + " " + register, size, value);
    }

    /** For a device that is not there: its first read and its first write are listed, wherever they go. */
    UnmodelledAccess ofAbsent(String device) {
        return (write, register, size, value) -> report(write + device, write, device + " " + register, size, value);
    }

    private void report(String key, boolean write, String register, int size, long value) {
        if (first.size() < LIMIT && seen.add(key)) {
            Cpu cpu = machine.running();
            Access a = new Access(write, register, size, value, cpu == null ? -1 : cpu.index(), cpu == null ? 0 : cpu.pc());
            first.add(a);
            listener.accept(a);
        }
    }
}
