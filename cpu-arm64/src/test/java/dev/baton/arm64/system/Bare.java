package dev.baton.arm64.system;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.GuestException;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;

import java.util.TreeMap;

/** A machine with RAM at 1 GiB and CPUs at a chosen level, whose parts a test calls directly. */
final class Bare implements AutoCloseable {
    static final long RAM = 0x4000_0000L;
    static final long SIZE = 16L << 20;

    final Machine machine = new Machine();
    final Ram ram;
    final Arm64Cpu cpu;

    Bare(int el) {
        this(el, CachePolicy.STRICT, Arm64Config.defaults(), 1);
    }

    Bare(int el, CachePolicy policy, Arm64Config config, int cpus) {
        ram = new Ram(RAM, SIZE, policy);
        machine.bus().add(ram);
        for (int i = 0; i < cpus; i++) {
            machine.add(new Arm64Cpu(machine, i, config));
        }
        TreeMap<String, Long> at = new TreeMap<>();
        at.put("el", (long) el);
        at.put("pc", RAM);
        machine.cpus().forEach(c -> c.powerOn(at));
        cpu = (Arm64Cpu) machine.cpu(0);
    }

    Arm64Cpu cpu(int i) {
        return (Arm64Cpu) machine.cpu(i);
    }

    void set(String register, long value) {
        cpu.sysregs.writeByName(register, value);
    }

    long get(String register) {
        return cpu.sysregs.readByName(register);
    }

    /** ESR.ISS fault status code of the access, or -1 if it translates; the outcome is in {@code cpu.mmu}. */
    int fault(long va, int access) {
        try {
            cpu.mmu.translate(va, access);
            return -1;
        } catch (GuestException e) {
            return cpu.pending.iss & 0x3f;
        }
    }

    long pa(long va) {
        cpu.mmu.translate(va, Mmu.READ);
        return cpu.mmu.pa;
    }

    /** Runs {@code action}, which must raise a guest exception, and takes it. */
    void taking(Runnable action) {
        try {
            action.run();
        } catch (GuestException e) {
            cpu.exceptions.take();
            return;
        }
        throw new AssertionError("no exception was raised");
    }

    @Override
    public void close() {
        machine.close();
    }
}
