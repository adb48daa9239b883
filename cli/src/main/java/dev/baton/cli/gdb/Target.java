package dev.baton.cli.gdb;

import dev.baton.core.cpu.Cpu;

/** What an architecture looks like to a debugger. */
public interface Target {
    /** The document {@code name} of {@code qXfer:features:read}, the first of them {@code target.xml}; null if there is none. */
    String document(String name);

    /** Registers of a {@code g} packet: the first so many. */
    int generalRegisters();

    /** All registers. */
    int registers();

    /** Register {@code n} in target byte order. */
    byte[] read(Cpu cpu, int n);

    /** Sets register {@code n}. @return false if it cannot be set, or the value is of another size */
    boolean write(Cpu cpu, int n, byte[] value);

    /** Reads memory as the CPU's own loads would, but without side effects. @return the bytes up to the first that is not there */
    byte[] readMemory(Cpu cpu, long va, int length);

    /** Writes memory as the CPU's own stores would, write-protected pages too. @return false if a part of it is no memory */
    boolean writeMemory(Cpu cpu, long va, byte[] bytes);

    /** What {@code monitor tlb} says about an address. */
    String translation(Cpu cpu, long va);

    /** Physical address that the CPU's data accesses to {@code va} reach, -1 if they fault. */
    long physical(Cpu cpu, long va);
}
