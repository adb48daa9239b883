package dev.baton.kernel.chain;

import dev.baton.kernel.Era;
import dev.baton.kernel.Quirk;

import java.util.List;

/**
 * A kernel: a modelled one of an era with its bugs, or an image file. Exactly one of {@code era} and {@code image} is given.
 *
 * @param era     of a modelled kernel
 * @param quirks  bugs that the modelled kernel carries
 * @param image   path of an arm64 {@code Image}, also gzip-compressed
 * @param initrd  path
 * @param cmdline kernel command line
 */
public record KernelEntry(
        @Doc("era of a modelled kernel") Era era,
        @Doc("historical bugs that the modelled kernel carries") List<Quirk> quirks,
        @Doc("path of an arm64 Image, also gzip-compressed, instead of era") String image,
        @Doc("path of an initial RAM disk") String initrd,
        @Doc("kernel command line") String cmdline) {

    /** Every part that is null here is taken from {@code other}. */
    KernelEntry or(KernelEntry other) {
        return new KernelEntry(MachineSpec.first(era, other.era), MachineSpec.first(quirks, other.quirks),
                MachineSpec.first(image, other.image), MachineSpec.first(initrd, other.initrd), MachineSpec.first(cmdline, other.cmdline));
    }
}
