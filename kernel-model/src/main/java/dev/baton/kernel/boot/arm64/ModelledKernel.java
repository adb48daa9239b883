package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.images.guest.GuestAction;
import dev.baton.kernel.KernelRandom;
import dev.baton.kernel.kexec.KexecCore;
import dev.baton.kernel.kexec.KexecSettings;
import dev.baton.kernel.kexec.Kimage;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.PageAllocator;

import java.util.function.BiConsumer;

/**
 * The C-level logic of one modelled kernel as a state machine. The boot CPU asks with RUN what is next; each answer is one action
 * of guest code, and the phase says what its result means. Nothing here keeps a host thread or a call stack between two calls,
 * so a snapshot between any two instructions of the guest is whole.
 */
final class ModelledKernel implements Stateful {
    private enum Phase { SMP_INIT, USER, SHUTDOWN_ASK, SHUTDOWN_DONE, MACHINE_KEXEC, POWER_OFF, HALT }

    private final Kernel kernel;
    private KernelRandom random;
    private Arm64MachineKexec machineKexec;
    private KexecCore kexec;
    private UserSpace user;
    private Phase phase = Phase.SMP_INIT;
    private boolean smpPrepared;
    private int step;

    ModelledKernel(Kernel kernel) {
        this.kernel = kernel;
        random = new KernelRandom(kernel.report.number);
    }

    Kernel kernel() {
        return kernel;
    }

    /** START_KERNEL on the boot CPU. */
    void startKernel() {
        if (new SetupArch(kernel).run()) {
            wire();
        } else {
            phase = Phase.HALT;
        }
    }

    private void wire() {
        machineKexec = new Arm64MachineKexec(kernel);
        kexec = new KexecCore(kernel, kernel.memblock, kernel.pages, kernel.kho, random,
                KexecSettings.of(kernel.spec.era(), kernel.spec.quirks(), kernel.entry.dtb()), machineKexec);
        user = new UserSpace(kernel, kexec);
    }

    /** The image that is loaded; null if there is none. */
    Kimage loadedImage() {
        return kexec == null ? null : kexec.image();
    }

    /** See {@link Arm64MachineKexec#copies}. */
    void copies(BiConsumer<Long, String> copy) {
        machineKexec.copies(kexec.image(), copy);
    }

    /** The account of memory that a chain can assert not to grow; null before user space. */
    KexecCore.Account account() {
        return kexec == null ? null : kexec.account();
    }

    /** RUN on the boot CPU: x0 and x1 are the results of the last action. */
    Answer run(long result0, long result1) {
        return switch (phase) {
            case SMP_INIT -> smpInit(result0);
            case USER -> userStep();
            case SHUTDOWN_DONE -> {
                kernel.smp.takenDown(result0, result1);
                yield shutdown();
            }
            case SHUTDOWN_ASK -> shutdown();
            case MACHINE_KEXEC -> machineKexec.leave(kexec.image(), step++);
            case POWER_OFF -> {
                kernel.error("PSCI SYSTEM_OFF returned %d".formatted(result0));
                yield halt();
            }
            case HALT -> halt();
        };
    }

    private Answer smpInit(long result) {
        if (!smpPrepared) {
            smpPrepared = true;
            kernel.smp.prepare();
        }
        Answer answer = kernel.smp.bringUp(result);
        if (answer != null) {
            return answer;
        }
        phase = Phase.USER;
        kernel.printk("Run /init as init process");
        return Answer.AGAIN;
    }

    private Answer userStep() {
        return switch (user.run(step++)) {
            case STEP -> Answer.AGAIN;
            case KEXEC -> {
                phase = Phase.SHUTDOWN_ASK;
                yield Answer.AGAIN;
            }
            case POWER_OFF -> powerOff();
            case HALT -> halt();
            case PANIC -> panic("Attempted to kill init! exitcode=0x00000000");
        };
    }

    private Answer shutdown() {
        Answer answer = kernel.smp.takeDown();
        if (answer != null) {
            phase = Phase.SHUTDOWN_DONE;
            return answer;
        }
        if (kernel.smp.stuckInKernel()) {
            return panic("BUG: machine_kexec with a CPU still in the kernel");
        }
        phase = Phase.MACHINE_KEXEC;
        step = 0;
        return Answer.AGAIN;
    }

    private Answer powerOff() {
        if (kernel.psci == null) {
            kernel.error("reboot: Power down: no firmware to call");
            return halt();
        }
        kernel.printk("reboot: Power down");
        phase = Phase.POWER_OFF;
        return kernel.psci.call(Psci.SYSTEM_OFF);
    }

    private Answer panic(String why) {
        kernel.error("Kernel panic - not syncing: " + why);
        kernel.printk("---[ end Kernel panic - not syncing: %s ]---".formatted(why));
        return halt();
    }

    private Answer halt() {
        phase = Phase.HALT;
        return new Answer(GuestAction.HALT);
    }

    /** SECONDARY_START on another CPU. */
    void secondaryStart(Cpu secondary) {
        kernel.smp.secondaryStart(secondary);
    }

    /** The model ran into something that Linux would have died of. */
    void panicked(String why) {
        panic(why);
    }

    /** An exception that nobody expects: the oops. @param vector index in the vector table, 0 to 15, of EL1 or EL2 */
    void exception(int vector, boolean el2) {
        new Oops(kernel).print(vector, el2);
        phase = Phase.HALT;
    }

    @Override
    public void save(StateWriter out) {
        out.section("modelled-kernel").u32(phase.ordinal()).flag(smpPrepared).u32(step).flag(kexec != null);
        random.save(out);
        kernel.log.save(out);
        kernel.linear.save(out);
        kernel.memblock.save(out);
        kernel.smp.save(out);
        if (kexec != null) {
            kernel.memmap.save(out);
            kernel.pages.save(out);
            kernel.kho.save(out);
            kexec.save(out);
            user.save(out);
        }
    }

    @Override
    public void load(StateReader in) {
        phase = Phase.values()[in.section("modelled-kernel").u32()];
        smpPrepared = in.flag();
        step = in.u32();
        boolean booted = in.flag();
        random.load(in);
        kernel.log.load(in, kernel.current);
        kernel.linear.load(in);
        kernel.memblock.load(in);
        kernel.smp.load(in);
        if (booted) {
            kernel.memmap = new MemMap(kernel.linear);
            kernel.memmap.load(in);
            kernel.pages = new PageAllocator(kernel.linear);
            kernel.pages.load(in);
            kernel.kho.load(in);
            wire();
            kexec.load(in);
            user.load(in);
        }
    }
}
