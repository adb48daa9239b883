package dev.baton.cli.gdb;

/** A packet that says what the protocol does not; answered with an error. */
final class BadPacket extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadPacket() {
        super("malformed packet", null, false, false);
    }
}
