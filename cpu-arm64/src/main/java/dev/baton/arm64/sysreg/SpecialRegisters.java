package dev.baton.arm64.sysreg;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Vmsa;
import dev.baton.arm64.timer.GenericTimers;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Registers that are not plain storage, by family. */
final class SpecialRegisters {
    private final Arm64Cpu cpu;
    private final SystemRegisters regs;
    private final GenericTimers timers;
    private final CpuModel model;
    private final Vmsa vmsa;

    SpecialRegisters(Arm64Cpu cpu, SystemRegisters regs, GenericTimers timers, CpuModel model) {
        this.cpu = cpu;
        this.regs = regs;
        this.timers = timers;
        this.model = model;
        vmsa = Vmsa.of(model);
    }

    /** A register whose value lives elsewhere. */
    static class Computed extends Register {
        private final LongSupplier get;
        private final LongConsumer set;

        Computed(Row row, LongSupplier get, LongConsumer set) {
            super(row);
            this.get = get;
            this.set = set;
        }

        @Override
        long read() {
            return get.getAsLong() | row.one();
        }

        @Override
        void write(long v) {
            set.accept(v & row.bits());
        }
    }

    /** An _EL12 or _EL02 name: exists at EL2 and above while HCR_EL2.E2H is 1. */
    private final class Alias extends Register {
        private Register target;

        Alias(Row row) {
            super(row);
        }

        private Register target() {
            if (target == null) {
                target = regs.register(row.alias());
            }
            return target;
        }

        @Override
        int mayAccess(SystemRegisters s, boolean write) {
            return s.e2h() ? super.mayAccess(s, write) : Trap.UNDEFINED;
        }

        @Override
        long read() {
            return target().read();
        }

        @Override
        void write(long v) {
            regs.writeByName(row.alias(), v);
        }
    }

    Register create(Row row) {
        if (row.alias() != null) {
            return new Alias(row);
        }
        if (row.gic()) {
            return new Computed(row, () -> cpu.config.gic().read(cpu.index(), row.name()),
                    v -> cpu.config.gic().write(cpu.index(), row.name(), v));
        }
        Register r = processState(row);
        r = r == null ? floatingPoint(row) : r;
        r = r == null ? identification(row) : r;
        r = r == null ? timer(row) : r;
        r = r == null ? debug(row) : r;
        r = r == null ? PmuRegisters.create(row, regs.pmu, model) : r;
        return r == null ? stored(row) : r;
    }

    /** Plain storage, without the bits of translation features that the model lacks. */
    private Register stored(Row row) {
        long absent = vmsa.absentBits(row.name());
        return absent == 0 ? new Register(row) : new Register(row) {
            @Override
            void write(long v) {
                super.write(v & ~absent);
            }
        };
    }

    private Register processState(Row row) {
        return switch (row.name()) {
            case "CurrentEL" -> readOnly(row, () -> (long) cpu.el << 2);
            case "SPSel" -> new Computed(row, () -> cpu.spSel ? 1 : 0, v -> regs.msrImmediate(0, (int) v, 5));
            case "PAN" -> new Computed(row, () -> cpu.pan ? 1L << 22 : 0, v -> regs.msrImmediate(0, (int) (v >>> 22), 4));
            case "UAO" -> new Computed(row, () -> cpu.uao ? 1L << 23 : 0, v -> regs.msrImmediate(0, (int) (v >>> 23), 3));
            case "DIT" -> new Computed(row, () -> cpu.dit ? 1L << 24 : 0, v -> regs.msrImmediate(3, (int) (v >>> 24), 2));
            case "SSBS" -> new Computed(row, () -> cpu.ssbs ? 1L << 12 : 0, v -> regs.msrImmediate(3, (int) (v >>> 12), 1));
            case "DAIF" -> new Computed(row, () -> cpu.daif, v -> {
                cpu.daif = (int) v;
                cpu.interruptsChanged();
            });
            case "NZCV" -> new Computed(row, () -> cpu.nzcv & 0xffff_ffffL, v -> cpu.nzcv = (int) v);
            case "SP_EL0" -> stackPointerEl0(row);
            case "SP_EL1" -> new Computed(row, () -> cpu.sp(1), v -> cpu.sp(1, v));
            case "SP_EL2" -> new Computed(row, () -> cpu.sp(2), v -> cpu.sp(2, v));
            case "ISR_EL1" -> readOnly(row, () -> cpu.exceptions.isr());
            case "DISR_EL1" -> deferredError(row);
            case "RNDR", "RNDRRS" -> new RandomNumbers(row, cpu);
            default -> null;
        };
    }

    /** DISR_EL1: at EL1 VDISR_EL2 while HCR_EL2.AMO gives it virtual SErrors. */
    private Register deferredError(Row row) {
        return new Register(row) {
            private boolean virtual() {
                return cpu.el == 1 && cpu.config.el2() && (regs.hcrEl2.value & Hcr.AMO) != 0;
            }

            @Override
            long read() {
                return virtual() ? regs.register("VDISR_EL2").value : value;
            }

            @Override
            void write(long v) {
                if (virtual()) {
                    regs.writeByName("VDISR_EL2", v);
                } else {
                    super.write(v);
                }
            }
        };
    }

    /** SP_EL0 is UNDEFINED while it is the stack pointer in use (PSTATE.SP = 0). */
    private Register stackPointerEl0(Row row) {
        return new Register(row) {
            @Override
            int mayAccess(SystemRegisters s, boolean write) {
                return cpu.spSel ? super.mayAccess(s, write) : Trap.UNDEFINED;
            }

            @Override
            long read() {
                return cpu.sp(0);
            }

            @Override
            void write(long v) {
                cpu.sp(0, v);
            }
        };
    }

    private Register floatingPoint(Row row) {
        return switch (row.name()) {
            case "FPCR" -> new FpRegister(row, () -> cpu.fpcr & 0xffff_ffffL, v -> cpu.fpcr = (int) (v & fpcrBits(row)));
            case "FPSR" -> new FpRegister(row, () -> cpu.fpsr & 0xffff_ffffL, v -> cpu.fpsr = (int) (v & row.bits()));
            case "CPACR_EL1", "CPTR_EL2", "CPTR_EL3" -> notifying(row, () -> cpu.mmu.contextChanged());
            default -> null;
        };
    }

    /** FPCR.FZ16 is RES0 without half precision arithmetic. */
    private long fpcrBits(Row row) {
        return cpu.features.has("FEAT_FP16") ? row.bits() : row.bits() & ~(1L << 19);
    }

    /** FPCR, FPSR: access is trapped as that of an FP instruction. */
    private final class FpRegister extends Computed {
        FpRegister(Row row, LongSupplier get, LongConsumer set) {
            super(row, get, set);
        }

        @Override
        int mayAccess(SystemRegisters s, boolean write) {
            if (!s.fpAccess.implemented()) {
                return Trap.UNDEFINED;
            }
            if (cpu.fpTrapped) {
                throw cpu.exceptions.fpAccessTrap();
            }
            return Trap.NONE;
        }
    }

    private Register readOnly(Row row, LongSupplier get) {
        return new Computed(row, get, v -> { });
    }

    private Register identification(Row row) {
        return switch (row.name()) {
            case "MIDR_EL1" -> virtualised(row, "VPIDR_EL2");
            case "MPIDR_EL1" -> virtualised(row, "VMPIDR_EL2");
            case "VPIDR_EL2" -> resetTo(row, model.value("MIDR_EL1"));
            case "VMPIDR_EL2" -> resetTo(row, mpidr());
            case "CCSIDR_EL1" -> readOnly(row, this::ccsidr);
            case "ID_AA64PFR0_EL1" -> resetTo(row, pfr0());
            case "ID_AA64MMFR1_EL1" -> resetTo(row, cpu.config.el2() ? model.value(row.name()) : model.value(row.name()) & ~0xf00L);
            default -> null;
        };
    }

    /** Aff0 counts to 16, then Aff1: what a GICv3 SGI target list can name. Bit 31 is RES1. */
    private long mpidr() {
        return 1L << 31 | cpu.index() >> 4 << 8 | cpu.index() & 15;
    }

    private long pfr0() {
        long v = model.value("ID_AA64PFR0_EL1");
        v |= cpu.config.el2() ? 1 << 8 : 0;
        v |= cpu.config.el3() ? 1 << 12 : 0;
        return v | (cpu.config.gic() == dev.baton.core.cpu.SystemRegisterPort.NONE ? 0 : 1 << 24);
    }

    private static Register resetTo(Row row, long v) {
        return new Register(row) {
            @Override
            void reset(CpuModel m) {
                value = v;
            }
        };
    }

    /** Read at EL1 under EL2, the hypervisor's value; else the CPU's own. */
    private Register virtualised(Row row, String under) {
        long own = row.name().equals("MPIDR_EL1") ? mpidr() : model.value(row.name());
        return new Register(row) {
            @Override
            long read() {
                return cpu.el == 1 && cpu.config.el2() ? regs.register(under).value : own;
            }

            @Override
            void reset(CpuModel m) {
                value = own;
            }
        };
    }

    private long ccsidr() {
        return switch ((int) regs.register("CSSELR_EL1").value & 0xf) {
            case 0 -> model.value("CCSIDR_L1D");
            case 1 -> model.value("CCSIDR_L1I");
            case 2 -> model.value("CCSIDR_L2");
            default -> 0;
        };
    }

    private Register timer(Row row) {
        String name = row.name();
        if (name.equals("CNTPCT_EL0")) {
            return readOnly(row, timers::physicalCount);
        }
        if (name.equals("CNTVCT_EL0")) {
            return readOnly(row, timers::virtualCountHere);
        }
        if (name.equals("CNTVOFF_EL2")) {
            return notifying(row, timers::changed);
        }
        GenericTimers.One t = timers.named(name.split("_")[0]);
        if (t == null) {
            return null;
        }
        if (name.contains("_TVAL_")) {
            return new Computed(row, t::tval, t::tval);
        }
        return name.contains("_CTL_") ? new Computed(row, t::ctl, t::ctl) : new Computed(row, t::cval, t::cval);
    }

    private static Register notifying(Row row, Runnable changed) {
        return new Register(row) {
            @Override
            void write(long v) {
                super.write(v);
                changed.run();
            }
        };
    }

    private Register debug(Row row) {
        if (row.name().startsWith("DBGB") || row.name().startsWith("DBGW")) {
            return notifying(row, () -> cpu.selfHosted.changed());
        }
        return switch (row.name()) {
            case "MDSCR_EL1" -> notifying(row, () -> cpu.selfHosted.changed());
            case "OSLAR_EL1" -> new Computed(row, () -> 0, this::osLock);
            case "DBGCLAIMSET_EL1" -> new Computed(row, () -> 0xff, v -> claim(claimed() | v));
            case "DBGCLAIMCLR_EL1" -> new Register(row) {
                @Override
                void write(long v) {
                    value &= ~v;
                }
            };
            default -> null;
        };
    }

    private long claimed() {
        return regs.register("DBGCLAIMCLR_EL1").value;
    }

    private void claim(long v) {
        regs.register("DBGCLAIMCLR_EL1").value = v;
    }

    /** OSLSR_EL1: OSLM 0b10 in bits 3 and 0, OSLK in bit 1. */
    private void osLock(long v) {
        regs.register("OSLSR_EL1").value = (v & 1) != 0 ? 0xa : 0x8;
    }
}
