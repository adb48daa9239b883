package dev.baton.kernel.follow;

import dev.baton.core.fdt.Fdt;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.kho.KhoHandover;

/**
 * One generation as it was found at its first instruction.
 *
 * @param report number, entry state, banner, what was loaded, instructions
 * @param image  null if the first instruction is none of an Image
 * @param tree   device tree at x0; null if there is none
 * @param kho    what the tree's {@code /chosen} hands over; null if nothing
 * @param relocation how it came to where it lies; null if firmware put it there, if it lay in place or if its list was not found
 */
public record FollowedKernel(GenerationReport report, FoundImage image, Fdt tree, KhoHandover kho, Relocation relocation) {
    boolean holds(long pa) {
        return image != null && pa >= image.address() && pa < image.address() + image.size();
    }
}
