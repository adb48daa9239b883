package dev.baton.kernel.boot.arm64;

import dev.baton.images.guest.GuestAction;
import dev.baton.images.guest.KimageLayout;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.kexec.KexecConstants;
import dev.baton.kernel.kexec.KexecSegment;
import dev.baton.kernel.kexec.Kimage;
import dev.baton.kernel.mm.KernelMemory;

/** v5.16 on: the copy runs with MMU and caches on, through a private copy of the linear map. Order of steps: machine_kexec.c, 7.2. */
final class MmuOnRelocation extends Relocation {
    MmuOnRelocation(Kernel kernel) {
        super(kernel);
    }

    @Override
    String routine() {
        return kernel.has(Quirk.DESTINATION_NOT_CLEANED) ? "relocate_v5_16_no_clean" : "relocate_v5_16";
    }

    private static boolean inPlace(Kimage image) {
        return (image.head() & KexecConstants.IND_DONE) != 0;
    }

    @Override
    void postLoad(Kimage image) {
        if (inPlace(image)) {
            for (KexecSegment s : image.segments()) {
                flush(s.mem(), s.memsz());
            }
            return;
        }
        KernelMemory memory = kernel.memory();
        long el2Vectors = kernel.stubAtEl2() ? copyEl2Vectors(image) : 0;
        memory.activity("machine_kexec_post_load: copy of the linear map");
        TransPgd tables = new TransPgd(memory, image);
        long ttbr1 = tables.copyLinearMap(kernel.image.pa("swapper_pg_dir"));
        memory.activity("");
        installCode(image.controlCodePage());
        memory.activity("machine_kexec_post_load: identity map of the control page");
        long identityMap = tables.identityMap(image.controlCodePage());
        memory.activity("machine_kexec_post_load: kimage->arch");
        memory.u64(image.phys() + KimageLayout.EL2_VECTORS, el2Vectors);
        memory.u64(image.phys() + KimageLayout.KERN_RELOC, image.controlCodePage());
        memory.u64(image.phys() + KimageLayout.TTBR0, identityMap);
        memory.u64(image.phys() + KimageLayout.TTBR1, ttbr1);
        memory.u64(image.phys() + KimageLayout.ZERO_PAGE, kernel.image.pa("empty_zero_page"));
        memory.u64(image.phys() + KimageLayout.PHYS_OFFSET, image.phys() - kernel.virt(image.phys()));
        memory.activity("");
    }

    /** {@code trans_pgd_copy_el2_vectors}. */
    private long copyEl2Vectors(Kimage image) {
        long el2Vectors = image.allocControlPages(0);
        long va = kernel.virt(el2Vectors);
        int n = copyRoutine("el2_vectors_copy", el2Vectors);
        kernel.guest.cleanInvalidatePou(va, va + n);
        if (!kernel.has(Quirk.EL2_VECTORS_NOT_CLEANED)) {
            kernel.guest.cleanInvalidatePoc(va, va + n);
        }
        return el2Vectors;
    }

    @Override
    Answer leave(Kimage image, int step) {
        if (inPlace(image)) {
            long el2 = kernel.stubAtEl2() ? 1 : 0;
            return new Answer(GuestAction.KEXEC_SOFT_RESTART, el2, image.start(), image.dtbMem(), 0, 0, 1);
        }
        KernelMemory memory = kernel.memory();
        long el2Vectors = memory.u64(image.phys() + KimageLayout.EL2_VECTORS);
        if (step == 0 && el2Vectors != 0) {
            return new Answer(GuestAction.HVC_SET_VECTORS, el2Vectors);
        }
        kernel.guest.tableWritten();
        return new Answer(GuestAction.KEXEC_RELOCATE, kernel.virt(image.phys()), memory.u64(image.phys() + KimageLayout.TTBR0),
                memory.u64(image.phys() + KimageLayout.KERN_RELOC));
    }
}
