package dev.baton.kernel.kexec;

import dev.baton.kernel.KernelError;

/** The machine-dependent part (arch/arm64/kernel/machine_kexec.c), which uses the CPU. */
public interface MachineKexec {
    /** {@code machine_kexec_prepare}: before any segment is copied. @throws KernelError EBUSY when CPUs are stuck in the kernel */
    void prepare(Kimage image);

    /** {@code machine_kexec_post_load}: the list is complete; control pages may still be allocated. @throws KernelError ENOMEM */
    void postLoad(Kimage image);
}
