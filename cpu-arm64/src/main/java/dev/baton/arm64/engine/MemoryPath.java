package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.cpu.GuestFault;
import dev.baton.core.mem.Host;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.SoftTlb;

/**
 * Loads and stores that left the fast path: translation, alignment rules, page crossings, byte order, devices, external aborts.
 * Every entry point sets {@code cpu.at} first, so that the PC is exact from here on.
 */
public final class MemoryPath {
    /** Bytes of a DC ZVA block: DCZID_EL0.BS = 4. */
    private static final int ZVA = 64;

    private final Arm64Cpu cpu;
    /** Software-TLB contexts that ever held an entry of a Device mapping: misaligned accesses must look at the attributes there. */
    private final boolean[] holdsDevice = new boolean[Mmu.CONTEXTS];

    /** Accesses are shown to a debugger before they are made; then none takes the fast path. */
    boolean watching;

    public MemoryPath(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    // From the fast path ------------------------------------------------------------------------------------------------

    public long loadSlow(long va, int size, Insn self) {
        cpu.at = self.at;
        return load(va, size, Mmu.READ);
    }

    public void storeSlow(long va, int size, long value, Insn self) {
        cpu.at = self.at;
        store(va, size, value, Mmu.WRITE);
    }

    /** LDTR: with the permissions of EL0 where the architecture says so. */
    public long loadUnprivileged(long va, int size, Insn self) {
        cpu.at = self.at;
        return load(va, size, Mmu.READ | Mmu.UNPRIV);
    }

    /** STTR. */
    public void storeUnprivileged(long va, int size, long value, Insn self) {
        cpu.at = self.at;
        store(va, size, value, Mmu.WRITE | Mmu.UNPRIV);
    }

    /** The base is SP and not 16-byte aligned: a fault if SCTLR_ELx.SA says so. */
    public void checkSpAlignment(Insn self) {
        if (cpu.mmu.spAlignmentCheck) {
            cpu.at = self.at;
            throw cpu.exceptions.spAlignment();
        }
    }

    /** See {@link Arm64Cpu#load128}: one access of 16 bytes for alignment, two of 8 for everything else (Arm ARM, B2.2.1). */
    public void loadSlow128(long va, int t, Insn self) {
        cpu.at = self.at;
        if ((va & 15) != 0) {
            checkNormal128(va, Mmu.READ);
        }
        long first = load(va, 8, Mmu.READ);
        long second = load(va + 8, 8, Mmu.READ);
        boolean big = cpu.mmu.bigEndian;
        cpu.v[t] = big ? second : first;
        cpu.v[t + 1] = big ? first : second;
    }

    /** See {@link Arm64Cpu#store128}. Nothing is stored if the second half faults in another page. */
    public void storeSlow128(long va, int t, Insn self) {
        cpu.at = self.at;
        if ((va & 15) != 0) {
            checkNormal128(va, Mmu.WRITE);
        }
        boolean big = cpu.mmu.bigEndian;
        store(va, 8, cpu.v[big ? t + 1 : t], Mmu.WRITE);
        store(va + 8, 8, cpu.v[big ? t : t + 1], Mmu.WRITE);
    }

    private void checkNormal128(long va, int access) {
        if (cpu.mmu.alignmentCheck) {
            throw cpu.exceptions.alignmentFault(va, access);
        }
        checkNormal(va, va, access);
        if (!inOnePage(va, 16)) {
            checkNormal((va | 4095) + 1, va, access);
        }
    }

    // Accesses that must be aligned ---------------------------------------------------------------------------------------

    /** Alignment that no control bit relaxes: exclusives, acquire/release, atomics. */
    public void checkAlignment(long va, int size, int access, Insn self) {
        if ((va & size - 1) != 0) {
            cpu.at = self.at;
            throw cpu.exceptions.alignmentFault(va, access);
        }
    }

    public long loadAligned(long va, int size, Insn self) {
        checkAlignment(va, size, Mmu.READ, self);
        return switch (size) {
            case 1 -> cpu.load8(va, self);
            case 2 -> cpu.load16(va, self);
            case 4 -> cpu.load32(va, self);
            default -> cpu.load64(va, self);
        };
    }

    public void storeAligned(long va, int size, long value, Insn self) {
        checkAlignment(va, size, Mmu.WRITE, self);
        switch (size) {
            case 1 -> cpu.store8(va, value, self);
            case 2 -> cpu.store16(va, value, self);
            case 4 -> cpu.store32(va, value, self);
            default -> cpu.store64(va, value, self);
        }
    }

    public void setExclusive(long va, int size) {
        cpu.exclusiveAddress = va;
        cpu.exclusiveSize = size;
    }

    /** True if the local monitor marks exactly this range. */
    public boolean exclusiveMatches(long va, int size, Insn self) {
        checkAlignment(va, size, Mmu.WRITE, self);
        return cpu.exclusiveSize == size && cpu.exclusiveAddress == va;
    }

    // Loads -------------------------------------------------------------------------------------------------------------

    private long load(long va, int size, int access) {
        if (watching) {
            cpu.engine.debug.access(va, size, access);
        }
        if ((va & size - 1) != 0) {
            return loadMisaligned(va, size, access);
        }
        cpu.mmu.translate(va, access);
        long value = loadTranslated(va, size, access);
        return cpu.mmu.bigEndian ? swap(value, size) : value;
    }

    private long loadTranslated(long va, int size, int access) {
        Mmu mmu = cpu.mmu;
        long pa = mmu.pa;
        Ram ram = cpu.machine.bus().ram(pa);
        if (ram == null) {
            return loadDevice(va, pa, size, access);
        }
        if (access == Mmu.READ) {
            fill(ram, va, false);
        }
        return ram.load(cpu, pa, size, mmu.cacheable);
    }

    private static long swap(long value, int size) {
        return Long.reverseBytes(value) >>> 64 - 8 * size;
    }

    private long loadMisaligned(long va, int size, int access) {
        if (cpu.mmu.alignmentCheck) {
            throw cpu.exceptions.alignmentFault(va, access);
        }
        if (access == Mmu.READ && anywhere(va, size)) {
            long e = SoftTlb.entry(cpu.tlb, va);
            if (Host.getLong(e) == (va & -4096L)) {
                return Host.get(va + Host.getLong(e + 8), size);
            }
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= loadByte(va, i, access) << 8 * i;
        }
        return cpu.mmu.bigEndian ? swap(value, size) : value;
    }

    /** A misaligned access of the fast path's page needs no look at its attributes: it is allowed, and lies in the page. */
    public boolean anywhere(long va, int size) {
        return inOnePage(va, size) && !cpu.mmu.alignmentCheck && !holdsDevice[cpu.mmu.context()];
    }

    private static boolean inOnePage(long va, int size) {
        return (va & 4095) + size <= 4096;
    }

    private long loadByte(long va, int i, int access) {
        cpu.mmu.translate(va + i, access);
        if (!cpu.mmu.normal) {
            throw cpu.exceptions.alignmentFault(va, access);
        }
        return loadTranslated(va + i, 1, access);
    }

    // Stores ------------------------------------------------------------------------------------------------------------

    private void store(long va, int size, long value, int access) {
        if (watching) {
            cpu.engine.debug.access(va, size, access);
        }
        if ((va & size - 1) != 0) {
            storeMisaligned(va, size, value, access);
            return;
        }
        cpu.mmu.translate(va, access);
        storeTranslated(va, size, cpu.mmu.bigEndian ? swap(value, size) : value, access);
    }

    private void storeTranslated(long va, int size, long value, int access) {
        Mmu mmu = cpu.mmu;
        long pa = mmu.pa;
        Ram ram = cpu.machine.bus().ram(pa);
        if (ram == null) {
            storeDevice(va, pa, size, value, access);
            return;
        }
        if (access == Mmu.WRITE) {
            fill(ram, va, true);
        }
        ram.store(cpu, pa, size, value, mmu.cacheable);
    }

    private void storeMisaligned(long va, int size, long value, int access) {
        if (cpu.mmu.alignmentCheck) {
            throw cpu.exceptions.alignmentFault(va, access);
        }
        if (access == Mmu.WRITE && anywhere(va, size)) {
            long e = SoftTlb.entry(cpu.tlb, va);
            if (Host.getLong(e + 16) == (va & -4096L)) {
                Host.put(va + Host.getLong(e + 24), size, value);
                return;
            }
        }
        long bytes = cpu.mmu.bigEndian ? swap(value, size) : value;
        if (!inOnePage(va, size)) {
            checkNormal((va | 4095) + 1, va, access);
        }
        for (int i = 0; i < size; i++) {
            checkNormal(va + i, va, access);
            storeTranslated(va + i, 1, bytes >>> 8 * i, access);
        }
    }

    private void checkNormal(long va, long faultAddress, int access) {
        cpu.mmu.translate(va, access);
        if (!cpu.mmu.normal) {
            throw cpu.exceptions.alignmentFault(faultAddress, access);
        }
    }

    // The software TLB --------------------------------------------------------------------------------------------------

    /** Lets further accesses of this kind to the page of {@code va}, as just translated, go straight to the host if they may. */
    private void fill(Ram ram, long va, boolean write) {
        Mmu mmu = cpu.mmu;
        int context = mmu.context();
        if (context == SoftTlb.MISS) {
            return;
        }
        long host = ram.fastPage(mmu.pa, mmu.cacheable, write, cpu.softTlb.slot(context, va));
        if (host != 0) {
            holdsDevice[context] |= !mmu.normal;
            cpu.softTlb.fill(context, va, host, !write, write);
        }
    }

    /**
     * For bulk idioms: host address behind {@code va} if all loads from its page may go straight there, else 0; after the translation
     * that the first of them would make. Raises nothing: where that would fault the access itself will say so.
     *
     * @param at the instruction that makes the first of them
     */
    public long bulkSource(long va, int at) {
        long e = SoftTlb.entry(cpu.tlb, va);
        if (Host.getLong(e) == (va & -4096L)) {
            return va + Host.getLong(e + 8);
        }
        cpu.at = at;
        Ram ram = bulkBank(va, Mmu.READ);
        return ram == null ? 0 : ram.bulkRead(cpu.mmu.pa, cpu.mmu.cacheable);
    }

    /** The same for stores to all of [va, va + bytes), within a page. */
    public long bulkTarget(long va, long bytes, int at) {
        long e = SoftTlb.entry(cpu.tlb, va) + 16;
        if (Host.getLong(e) == (va & -4096L)) {
            return va + Host.getLong(e + 8);
        }
        cpu.at = at;
        Ram ram = bulkBank(va, Mmu.WRITE);
        return ram == null ? 0 : ram.overwrite(cpu.mmu.pa, bytes, cpu.mmu.cacheable);
    }

    private Ram bulkBank(long va, int access) {
        if (cpu.mmu.context() == SoftTlb.MISS) {
            return null;
        }
        return cpu.mmu.tryTranslate(va, access) ? cpu.machine.bus().ram(cpu.mmu.pa) : null;
    }

    /** The same for maintenance by address of lines in the page of {@code va}; true if it translates, then as {@link Mmu} says. */
    public boolean maintainable(long va, boolean invalidate, int at) {
        cpu.at = at;
        int access = (invalidate ? Mmu.WRITE : Mmu.READ) | Mmu.MAINTENANCE;
        return cpu.mmu.tryTranslate(va, access);
    }

    // Devices -------------------------------------------------------------------------------------------------------------

    private long loadDevice(long va, long pa, int size, int access) {
        cpu.engine.beforeDeviceAccess();
        PhysicalBus.Window w = cpu.machine.bus().window(pa);
        if (w == null) {
            throw cpu.exceptions.externalAbort(va, access);
        }
        return read(w, pa, size);
    }

    private void storeDevice(long va, long pa, int size, long value, int access) {
        cpu.engine.beforeDeviceAccess();
        PhysicalBus.Window w = cpu.machine.bus().window(pa);
        if (w == null) {
            throw cpu.exceptions.externalAbort(va, access);
        }
        write(w, pa, size, value);
    }

    private long read(PhysicalBus.Window w, long pa, int size) {
        long value = w.device().read(pa - w.base(), size);
        cpu.machine.trace().mmio(cpu.index(), cpu.machine.clock().now(), false, pa, size, value);
        return value;
    }

    private void write(PhysicalBus.Window w, long pa, int size, long value) {
        cpu.machine.trace().mmio(cpu.index(), cpu.machine.clock().now(), true, pa, size, value);
        w.device().write(pa - w.base(), size, value);
    }

    private PhysicalBus.Window windowForModel(long pa, long va) {
        PhysicalBus.Window w = cpu.machine.bus().window(pa);
        if (w == null) {
            throw new GuestFault("nothing answers at physical address 0x" + Long.toHexString(pa), va);
        }
        return w;
    }

    /** A model's load from a device. */
    public long deviceLoad(long pa, int size, long va) {
        return read(windowForModel(pa, va), pa, size);
    }

    /** A model's store to a device. */
    public void deviceStore(long pa, int size, long value, long va) {
        write(windowForModel(pa, va), pa, size, value);
    }

    // DC ZVA ------------------------------------------------------------------------------------------------------------

    /** {@code DC ZVA}: zeroes the 64-byte block of {@code va}; {@code cpu.at} is exact already. */
    public void zeroBlock(long va) {
        if (watching) {
            cpu.engine.debug.access(va & -ZVA, ZVA, Mmu.WRITE);
        }
        cpu.mmu.translate(va, Mmu.WRITE);
        if (!cpu.mmu.normal) {
            throw cpu.exceptions.alignmentFault(va, Mmu.WRITE);
        }
        long pa = cpu.mmu.pa & -ZVA;
        boolean cacheable = cpu.mmu.cacheable;
        Ram ram = cpu.machine.bus().ram(pa);
        if (ram == null) {
            throw cpu.exceptions.externalAbort(va, Mmu.WRITE);
        }
        fill(ram, va, true);
        long host = ram.bulkWrite(pa, cacheable);
        if (host != 0) {
            Host.fill(host, ZVA, (byte) 0);
            ram.bulkWritten(cpu, pa, ZVA, cacheable);
            return;
        }
        for (int i = 0; i < ZVA; i += 8) {
            ram.store(cpu, pa + i, 8, 0, cacheable);
        }
    }
}
