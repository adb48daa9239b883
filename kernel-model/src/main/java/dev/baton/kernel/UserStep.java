package dev.baton.kernel;

import dev.baton.core.machine.Bytes;

import java.util.List;
import java.util.Set;

/** What the user space of one generation asks its kernel to do, in order. Every step logs what it did on the console. */
public sealed interface UserStep {
    /**
     * Preserves folios filled with a pattern of the seed, and a sub-tree that lists them (name, orders, physical addresses,
     * checksum), in the era's own API.
     *
     * @param subtree KHO sub-tree name
     * @param orders  folio orders, each 0 to 10
     */
    record Preserve(String subtree, List<Integer> orders, long seed) implements UserStep { }

    /** Retrieves the sub-tree, restores its folios, checks every byte; what it finds is in the report. */
    record Restore(String subtree) implements UserStep { }

    /** 6.16 only: writes 1 to {@code kho/out/finalize}. */
    record Finalize() implements UserStep { }

    /** {@code kexec_file_load(2)}. {@code expectErrno} 0 for success, else the positive errno that must come back. */
    record KexecFileLoad(KernelFile kernel, Bytes initrd, String cmdline, int flags, int expectErrno) implements UserStep { }

    /** {@code kexec_load(2)} as kexec-tools does it: kernel, initrd, DTB and purgatory with SHA-256. */
    record KexecLoad(KernelFile kernel, Bytes initrd, String cmdline, int expectErrno) implements UserStep { }

    /** {@code reboot(LINUX_REBOOT_CMD_KEXEC)}. */
    record Kexec() implements UserStep { }

    /** PSCI SYSTEM_OFF. */
    record PowerOff() implements UserStep { }

    /** Does nothing for ever: WFI with interrupts masked. */
    record Halt() implements UserStep { }

    /**
     * What is loaded: an image file's bytes, and, if it is a modelled kernel, how it shall behave.
     *
     * @param label  for people: {@code modelled 7.2} or a file name
     * @param image  the arm64 {@code Image}
     * @param model  null for a real image
     */
    record KernelFile(String label, Bytes image, KernelSpec model) { }

    /** A modelled kernel: era, bugs and the user space it runs. */
    record KernelSpec(String name, Era era, Set<Quirk> quirks, List<UserStep> user) { }
}
