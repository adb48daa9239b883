package dev.baton.devices.net;

/** Where an Ethernet device's frames go. An answer is a function of the frame alone, so that no snapshot has to hold anything. */
@FunctionalInterface
public interface Wire {
    /** A cable that nobody has plugged in at the other end. */
    Wire UNPLUGGED = frame -> null;

    /** @param frame from the destination address on, without its checksum; @return the frame that comes back, or null */
    byte[] answer(byte[] frame);
}
