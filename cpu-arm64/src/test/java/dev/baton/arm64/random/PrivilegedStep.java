package dev.baton.arm64.random;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;

import java.util.TreeMap;

/** One instruction at EL1, MMU off, at {@link #PC}, with EL2 and EL3 above. */
final class PrivilegedStep implements AutoCloseable {
    private static final long PC = 0x4000_0000L;

    private final Machine machine = new Machine();
    private final Arm64Cpu cpu;

    PrivilegedStep(int word) {
        Ram ram = new Ram(PC, 1 << 20, CachePolicy.STRICT);
        machine.bus().add(ram);
        cpu = new Arm64Cpu(machine, 0, Arm64Config.defaults().withModel(OurCpu.MODEL).withLevels(true, true));
        machine.add(cpu);
        ram.place(PC, new byte[] {(byte) word, (byte) (word >>> 8), (byte) (word >>> 16), (byte) (word >>> 24)}, 0, 4);
        TreeMap<String, Long> at = new TreeMap<>();
        at.put("el", 1L);
        at.put("pc", PC);
        cpu.powerOn(at);
        cpu.register("vbar_el1", 0x4001_0000L);
        cpu.register("vbar_el2", 0x4002_0000L);
        cpu.register("vbar_el3", 0x4003_0000L);
    }

    /** {@code name=hex}. */
    void set(String text) {
        int eq = text.indexOf('=');
        cpu.register(text.substring(0, eq), Long.parseUnsignedLong(text.substring(eq + 1), 16));
    }

    /** The same text with the value that the register has. */
    String get(String text) {
        String name = text.substring(0, text.indexOf('='));
        boolean state = name.equals("state");
        return name + "=" + (state ? cpu.state().name().toLowerCase(java.util.Locale.ROOT) : Long.toHexString(cpu.register(name)));
    }

    void run() {
        cpu.run(1);
    }

    @Override
    public void close() {
        machine.close();
    }
}
