/** The host's side of a serial port: raw terminal, keys that command the emulator, bytes in and out; and the little monitor. */
package dev.baton.cli.console;
