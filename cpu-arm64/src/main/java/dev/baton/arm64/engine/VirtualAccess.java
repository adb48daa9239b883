package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.cpu.GuestFault;
import dev.baton.core.mem.Host;
import dev.baton.core.mem.Ram;

/** Loads and stores of models: through the MMU and caches of the CPU, at its current exception level. */
public final class VirtualAccess {
    private static final int PAGE = 4096;
    private final Arm64Cpu cpu;

    public VirtualAccess(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    /** @return physical address or -1 */
    public long translate(long va) {
        cpu.mmu.translate(va, Mmu.READ | Mmu.PROBE);
        return cpu.mmu.ok ? cpu.mmu.pa : -1;
    }

    private Ram ramFor(long va, int access, String what) {
        cpu.mmu.translate(va, access | Mmu.PROBE);
        if (!cpu.mmu.ok) {
            throw new GuestFault(what + " at virtual address 0x" + Long.toHexString(va) + " does not translate", va);
        }
        return cpu.machine.bus().ram(cpu.mmu.pa);
    }

    private Ram mustBeRam(long va, int access, String what) {
        Ram ram = ramFor(va, access, what);
        if (ram == null) {
            throw new GuestFault(what + " at virtual address 0x" + Long.toHexString(va) + " reaches no RAM (physical 0x"
                    + Long.toHexString(cpu.mmu.pa) + ")", va);
        }
        return ram;
    }

    public long load(long va, int size) {
        if ((va & size - 1) != 0) {
            byte[] b = new byte[size];
            read(va, b, 0, size);
            return littleEndian(b);
        }
        Ram ram = ramFor(va, Mmu.READ, "a load");
        return ram != null ? ram.load(cpu, cpu.mmu.pa, size, cpu.mmu.cacheable) : cpu.memory.deviceLoad(cpu.mmu.pa, size, va);
    }

    private static long littleEndian(byte[] b) {
        long v = 0;
        for (int i = b.length - 1; i >= 0; i--) {
            v = v << 8 | b[i] & 0xff;
        }
        return v;
    }

    public void store(long va, int size, long value) {
        if ((va & size - 1) != 0) {
            byte[] b = new byte[size];
            for (int i = 0; i < size; i++) {
                b[i] = (byte) (value >>> 8 * i);
            }
            write(va, b, 0, size);
            return;
        }
        Ram ram = ramFor(va, Mmu.WRITE, "a store");
        if (ram != null) {
            ram.store(cpu, cpu.mmu.pa, size, value, cpu.mmu.cacheable);
        } else {
            cpu.memory.deviceStore(cpu.mmu.pa, size, value, va);
        }
    }

    private static int step(long va, long n, long unit) {
        return (int) Math.min(n, unit - (va & unit - 1));
    }

    public void read(long va, byte[] into, int offset, int n) {
        for (int done = 0; done < n; ) {
            int step = step(va + done, n - done, PAGE);
            Ram ram = mustBeRam(va + done, Mmu.READ, "a read");
            readPage(ram, cpu.mmu.pa, cpu.mmu.cacheable, into, offset + done, step);
            done += step;
        }
    }

    private void readPage(Ram ram, long pa, boolean cacheable, byte[] into, int offset, int n) {
        long host = ram.bulkRead(pa, cacheable);
        if (host != 0) {
            Host.read(host, into, offset, n);
            return;
        }
        for (int i = 0; i < n; i++) {
            into[offset + i] = (byte) ram.load(cpu, pa + i, 1, cacheable);
        }
    }

    public void write(long va, byte[] from, int offset, int n) {
        for (int done = 0; done < n; ) {
            int step = step(va + done, n - done, PAGE);
            Ram ram = mustBeRam(va + done, Mmu.WRITE, "a write");
            long pa = cpu.mmu.pa;
            boolean cacheable = cpu.mmu.cacheable;
            long host = ram.bulkWrite(pa, cacheable);
            if (host != 0) {
                Host.write(host, from, offset + done, step);
                ram.bulkWritten(cpu, pa, step, cacheable);
            } else {
                for (int i = 0; i < step; i++) {
                    ram.store(cpu, pa + i, 1, from[offset + done + i], cacheable);
                }
            }
            done += step;
        }
    }

    public void fill(long va, long n, byte value) {
        for (long done = 0; done < n; ) {
            int step = step(va + done, n - done, PAGE);
            Ram ram = mustBeRam(va + done, Mmu.WRITE, "a fill");
            long pa = cpu.mmu.pa;
            boolean cacheable = cpu.mmu.cacheable;
            long host = ram.bulkWrite(pa, cacheable);
            if (host != 0) {
                Host.fill(host, step, value);
                ram.bulkWritten(cpu, pa, step, cacheable);
            } else {
                for (int i = 0; i < step; i++) {
                    ram.store(cpu, pa + i, 1, value, cacheable);
                }
            }
            done += step;
        }
    }
}
