package dev.baton.kernel.boot.arm64;

import dev.baton.images.guest.KimageLayout;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.kexec.Kimage;
import dev.baton.kernel.kexec.MachineKexec;

import java.util.function.BiConsumer;

/** arch/arm64/kernel/machine_kexec.c. */
final class Arm64MachineKexec implements MachineKexec {
    private final Kernel kernel;
    private final Relocation relocation;

    Arm64MachineKexec(Kernel kernel) {
        this.kernel = kernel;
        relocation = Relocation.of(kernel);
    }

    @Override
    public void prepare(Kimage image) {
        if (kernel.smp.stuckInKernel()) {
            kernel.printk("Can't kexec: CPUs are stuck in the kernel.");
            throw new KernelError(Errno.EBUSY);
        }
    }

    @Override
    public void postLoad(Kimage image) {
        relocation.postLoad(image);
    }

    /** Where copies of guest code lie from here on: the relocation routine and, with a stub at EL2, its vectors. */
    void copies(Kimage image, BiConsumer<Long, String> copy) {
        copy.accept(image.controlCodePage(), relocation.routine());
        long vectors = kernel.memory().u64(image.phys() + KimageLayout.EL2_VECTORS);
        if (vectors != 0) {
            copy.accept(vectors, "el2_vectors_copy");
        }
    }

    /** {@code machine_kexec}: prints {@code Bye!} first. @param step counts from 0 */
    Answer leave(Kimage image, int step) {
        if (step == 0) {
            kernel.printk("Bye!");
        }
        return relocation.leave(image, step);
    }
}
