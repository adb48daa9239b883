package dev.baton.kernel;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The state of Linux that a modelled kernel reproduces: its relocation routine and its KHO format. */
public enum Era {
    /** Relocation with the MMU off, {@code DC IVAC} per destination page, entered with head, start and dtb (v4.8 to v5.15). No KHO. */
    V4_8("v4.8", Relocation.MMU_OFF, KhoAbi.NONE),
    /** The never-merged series that passed {@code struct kern_reloc_arg} (v3 to v11, 2019–2021). No KHO. */
    RELOC_ARG("kern-reloc-arg", Relocation.RELOC_ARG, KhoAbi.NONE),
    /** Relocation with the MMU on through a copy of the linear map (v5.16 on). No KHO. */
    V5_16("v5.16", Relocation.MMU_ON, KhoAbi.NONE),
    /** First kernel with KHO: {@code kho-v1}, bitmap chunks, finalize. */
    V6_16("6.16", Relocation.MMU_ON, KhoAbi.KHO_V1),
    /** {@code kho-v4}: radix tree, blobs, no finalize. */
    V7_2("7.2", Relocation.MMU_ON, KhoAbi.KHO_V4);

    /** The relocation routine. */
    public enum Relocation { MMU_OFF, RELOC_ARG, MMU_ON }

    /** The handover format. */
    public enum KhoAbi { NONE, KHO_V1, KHO_V4 }

    private final String text;
    private final Relocation relocation;
    private final KhoAbi kho;

    Era(String text, Relocation relocation, KhoAbi kho) {
        this.text = text;
        this.relocation = relocation;
        this.kho = kho;
    }

    public Relocation relocation() {
        return relocation;
    }

    public KhoAbi kho() {
        return kho;
    }

    /** As chains spell it. */
    @Override
    public String toString() {
        return text;
    }

    /** @throws IllegalArgumentException with the list of eras */
    public static Era parse(String text) {
        for (Era e : values()) {
            if (e.text.equals(text)) {
                return e;
            }
        }
        throw new IllegalArgumentException("era '" + text + "': expected one of "
                + Arrays.stream(values()).map(Era::toString).collect(Collectors.joining(", ")));
    }
}
