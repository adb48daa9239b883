package dev.baton.kernel.boot.arm64;

import dev.baton.images.guest.GuestKernel;
import dev.baton.kernel.Era;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.kexec.Kimage;
import dev.baton.kernel.mm.KernelMemory;

/** The machine-dependent part of kexec as one era has it: what is prepared for the relocation code, and how it is entered. */
abstract sealed class Relocation permits MmuOffRelocation, MmuOnRelocation {
    final Kernel kernel;

    Relocation(Kernel kernel) {
        this.kernel = kernel;
    }

    static Relocation of(Kernel kernel) {
        return switch (kernel.spec.era().relocation()) {
            case Era.Relocation.MMU_OFF -> new MmuOffRelocation(kernel, false);
            case Era.Relocation.RELOC_ARG -> new MmuOffRelocation(kernel, true);
            case Era.Relocation.MMU_ON -> new MmuOnRelocation(kernel);
        };
    }

    /** {@code machine_kexec_post_load}. */
    abstract void postLoad(Kimage image);

    /** {@code machine_kexec}, step by step; {@code step} counts from 0. The last answer does not come back. */
    abstract Answer leave(Kimage image, int step);

    /** Name of the routine in the control page. */
    abstract String routine();

    /** Copies a routine of the image's read-only data to a page, with the stores of {@code memcpy}. @return its length */
    final int copyRoutine(String routine, long page) {
        int n = GuestKernel.kernel().length(routine);
        byte[] code = new byte[n];
        kernel.cpu().readVirtual(kernel.image.va(routine), code, 0, n);
        KernelMemory memory = kernel.memory();
        memory.activity("memcpy: " + routine + " to its page");
        memory.write(page, code);
        memory.activity("");
        return n;
    }

    /** The relocation code goes to its page and is made fit to run: to the PoC, as its reader may have the MMU off. */
    final void installCode(long page) {
        int n = copyRoutine(routine(), page);
        long va = kernel.virt(page);
        if (!kernel.has(Quirk.RELOC_CODE_NOT_CLEANED)) {
            kernel.guest.cleanInvalidatePoc(va, va + n);
        }
        kernel.guest.cleanInvalidatePou(va, va + n);
    }

    final void flush(long phys, long size) {
        kernel.guest.cleanInvalidatePoc(kernel.virt(phys), kernel.virt(phys) + size);
    }
}
