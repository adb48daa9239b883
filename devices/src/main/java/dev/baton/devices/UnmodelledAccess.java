package dev.baton.devices;

/** Told when a guest reaches a register that its device does not model: such a read gives 0, such a write changes nothing. */
@FunctionalInterface
public interface UnmodelledAccess {
    /** Nobody listens. */
    UnmodelledAccess UNHEARD = (write, register, size, value) -> { };

    /**
     * @param register the register's name where it has one, else its offset as {@code +0x…}
     * @param size     bytes
     * @param value    what was written, 0 for a read
     */
    void report(boolean write, String register, int size, long value);

    /** The name of an offset that no register has. */
    static String at(long offset) {
        return "+0x" + Long.toHexString(offset);
    }
}
