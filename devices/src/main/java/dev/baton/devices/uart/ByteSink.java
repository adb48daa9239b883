package dev.baton.devices.uart;

/** Where a serial port's output goes. */
@FunctionalInterface
public interface ByteSink {
    void accept(byte b);
}
