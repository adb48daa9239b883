package dev.baton.kernel.boot.arm64;

import dev.baton.images.guest.GuestAction;
import dev.baton.images.guest.KimageLayout;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.kexec.KexecConstants;
import dev.baton.kernel.kexec.Kimage;
import dev.baton.kernel.mm.KernelMemory;

/**
 * v4.8 to v5.15, and the series that put the arguments into {@code struct kern_reloc_arg}: the copy runs with the MMU off, so
 * whatever it reads must be in memory.
 */
final class MmuOffRelocation extends Relocation {
    private final boolean argumentStruct;

    MmuOffRelocation(Kernel kernel, boolean argumentStruct) {
        super(kernel);
        this.argumentStruct = argumentStruct;
    }

    @Override
    String routine() {
        String name = argumentStruct ? "relocate_reloc_arg" : "relocate_v4_8";
        return kernel.has(Quirk.DESTINATION_NOT_INVALIDATED) ? name + "_no_invalidate" : name;
    }

    @Override
    void postLoad(Kimage image) {
        kernel.memory().u64(image.phys() + KimageLayout.KERN_RELOC, image.controlCodePage());
        if (argumentStruct) {
            long argument = image.allocControlPages(0);
            kernel.memory().u64(image.phys() + KimageLayout.KERN_RELOC_ARG, argument);
            writeArgument(image, argument);
        }
    }

    /** Code and list go to memory right before the jump, as v4.8 has it. */
    @Override
    Answer leave(Kimage image, int step) {
        installCode(image.controlCodePage());
        flushList(image);
        long el2 = kernel.stubAtEl2() ? 1 : 0;
        long argument = kernel.memory().u64(image.phys() + KimageLayout.KERN_RELOC_ARG);
        return argumentStruct
                ? new Answer(GuestAction.KEXEC_SOFT_RESTART, el2, image.controlCodePage(), argument, 0, 0, 0)
                : new Answer(GuestAction.KEXEC_SOFT_RESTART, el2, image.controlCodePage(), image.head(), image.start(), image.dtbMem(), 0);
    }

    private void writeArgument(Kimage image, long argument) {
        KernelMemory memory = kernel.memory();
        memory.activity("machine_kexec_post_load: kern_reloc_arg");
        memory.fill(argument, KimageLayout.RELOC_ARG_SIZE, (byte) 0);
        memory.u64(argument + KimageLayout.RELOC_ARG_HEAD, image.head());
        memory.u64(argument + KimageLayout.RELOC_ARG_ENTRY, image.start());
        memory.u64(argument + KimageLayout.RELOC_ARG_ARG0, image.dtbMem());
        memory.activity("");
        if (!kernel.has(Quirk.RELOC_ARG_NOT_CLEANED)) {
            flush(argument, KimageLayout.RELOC_ARG_SIZE);
        }
    }

    /** {@code kexec_list_flush}: every entry, and every page to copy. */
    private void flushList(Kimage image) {
        boolean list = !kernel.has(Quirk.KIMAGE_LIST_NOT_CLEANED);
        boolean sources = !kernel.has(Quirk.SOURCE_NOT_CLEANED);
        image.forEachEntry((slot, entry) -> {
            if (list) {
                flush(slot, Long.BYTES);
            }
            if (sources && (entry & KexecConstants.IND_SOURCE) != 0) {
                flush(entry & -KernelLayout.PAGE, KernelLayout.PAGE);
            }
        });
        if (list) {
            flush(lastSlot(image), Long.BYTES);
        }
    }

    /** The IND_DONE word, which {@link Kimage#forEachEntry} does not visit. */
    private static long lastSlot(Kimage image) {
        long[] last = {image.phys() + KimageLayout.HEAD};
        image.forEachEntry((slot, entry) ->
                last[0] = (entry & KexecConstants.IND_INDIRECTION) != 0 ? entry & ~KexecConstants.IND_FLAGS : slot + Long.BYTES);
        return last[0];
    }
}
