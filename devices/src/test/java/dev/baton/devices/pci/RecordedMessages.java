package dev.baton.devices.pci;

import dev.baton.devices.gic.MsiDoorbell;

import java.util.List;

/**
 * A doorbell that notes each message as {@code "DEVICE DATA"}, both hexadecimal.
 *
 * @param address where it listens, physical
 */
public record RecordedMessages(long address, List<String> messages) implements MsiDoorbell {
    @Override
    public void msi(int deviceId, int data) {
        messages.add("0x%x 0x%x".formatted(deviceId, data));
    }
}
