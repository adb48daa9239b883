package dev.baton.core.mem;

/** Who makes an access: enough to name it in a finding. */
public interface Accessor {
    /** CPU index, or -1 for a device. */
    int index();

    /** PC of the instruction that is executing. */
    long pc();

    /** What the model says it is doing at this PC, or "" when the guest's own instructions do it. */
    default String activity() {
        return "";
    }

    /** The access is a translation table walk on behalf of the instruction at {@link #pc}. */
    default boolean tableWalk() {
        return false;
    }

    /** Virtual address of the access under way, or 0 if it is not known. */
    default long virtualAddress() {
        return 0;
    }
}
