package dev.baton.images;

/** Where the bytes of an image may go. */
public sealed interface Placement {
    /** The addresses in the image are physical addresses. */
    record Fixed() implements Placement {
    }

    /**
     * The addresses in the image count from a base of the loader's choice.
     *
     * @param alignment the base is a multiple of this, a power of two, bytes
     * @param anywhere  false if the base should be as near to the start of memory as possible
     */
    record Movable(long alignment, boolean anywhere) implements Placement {
    }
}
