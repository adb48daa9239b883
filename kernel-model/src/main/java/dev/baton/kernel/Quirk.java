package dev.baton.kernel;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A bug that a modelled kernel carries on request; each is one switch. Spelled in chains in lower case with hyphens. */
public enum Quirk {
    /**
     * {@code kho_add_chosen} appends to inherited properties instead of replacing them (KHO v5, 2025-03; found by Changyuan
     * Lyu 2025-04-10).
     */
    KHO_APPEND_CHOSEN,
    /** {@code kern_reloc_arg} is not cleaned to the PoC (found by James Morse 2020-05 in review of v9 13/18). */
    RELOC_ARG_NOT_CLEANED,
    /** The relocation code page is not cleaned to the PoC. */
    RELOC_CODE_NOT_CLEANED,
    /** {@code kexec_list_flush} is skipped: list entries are not cleaned to the PoC (v4.8 routine). */
    KIMAGE_LIST_NOT_CLEANED,
    /** {@code kexec_segment_flush} or the source pages' clean is skipped (v4.8 routine). */
    SOURCE_NOT_CLEANED,
    /** The destination is not invalidated before the MMU-off copy (v4.8 routine). */
    DESTINATION_NOT_INVALIDATED,
    /** The destination is not cleaned after the MMU-on copy (v5.16 routine). */
    DESTINATION_NOT_CLEANED,
    /** The copied EL2 vectors are not cleaned to the PoC. */
    EL2_VECTORS_NOT_CLEANED,
    /** {@code write_pen_release} stores the number of the CPU that may leave the holding pen without a clean to the PoC. */
    PEN_RELEASE_NOT_CLEANED;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException with the list of quirks */
    public static Quirk parse(String text) {
        for (Quirk q : values()) {
            if (q.toString().equals(text)) {
                return q;
            }
        }
        throw new IllegalArgumentException("quirk '" + text + "': expected one of "
                + Arrays.stream(values()).map(Quirk::toString).collect(Collectors.joining(", ")));
    }
}
