package dev.baton.cli.qemu;

import java.util.List;

/** Answers to {@code help} and {@code ?}: scripts look for words in them before they use an option. */
final class QemuHelp {
    /** What QEMU's command line means here follows this release. */
    static final String VERSION = "QEMU emulator version 7.2.0 (Baton's look-alike of qemu-system-aarch64)";

    private QemuHelp() { }

    static boolean asked(String value) {
        return value.equals("help") || value.equals("?");
    }

    static String machines() {
        return """
                Supported machines are:
                virt                 QEMU 7.2 ARM Virtual Machine, as Baton models it (default)
                """;
    }

    static String machineProperties() {
        return """
                virt options:
                  dtb-randomness=<bool>  - kaslr-seed and rng-seed in the device tree (default on)
                  dumpdtb=<string>       - write the device tree to a file and exit
                  gic-version=<string>   - 2, 3 or max
                  highmem=<bool>         - PCIe windows above 4 GiB
                  its=<bool>             - GICv3 with an ITS
                  secure=<bool>          - EL3
                  virtualization=<bool>  - EL2; the kernel is entered there
                """;
    }

    static String cpus(List<String> models) {
        return "Available CPUs:\n" + String.join("", models.stream().map(m -> "  " + m + "\n").toList());
    }

    static String accelerators() {
        return "Accelerators supported in QEMU binary:\ntcg\n";
    }

    static String chardevs() {
        return "Available chardev backend types:\n  file\n  null\n  stdio\n  testdev\n";
    }

    static String logItems() {
        return """
                Log items (comma separated); cpu, exec and in_asm make a run slow:
                cpu             general registers before each instruction
                exec            address of each instruction
                guest_errors    accesses to registers that no device models
                in_asm          address and word of each instruction when it is executed first
                int             exceptions and interrupts as they are taken
                unimp           accesses to devices that are not there
                """;
    }

    static String options(String rows) {
        return VERSION + """


                usage: qemu-system-aarch64 [options]
                The part of QEMU's command line that scripts use; what cannot be honoured is refused by name.

                """ + rows + """

                -baton caches=none|strict|adversarial|random:SEED,limit=N,seed=N,findings=report|fail,summary=yes|no,symbols=FILE
                    Baton's own; the same from BATON_CACHES, BATON_LIMIT, BATON_SEED, BATON_FINDINGS, BATON_SUMMARY, BATON_SYMBOLS.
                    Caches are 'none' unless asked for, as QEMU's. Findings, and with summary=yes each kernel that ran, are told on
                    standard error at the end.

                Exit status: 0 when the guest powers off, or resets under -no-reboot; 1 on findings under findings=fail;
                2 for a command line or file that cannot be used; 3 when no CPU will ever run again, or at the limit;
                that of the guest from testdev or semihosting. Ctrl-A h lists the keys of mon:stdio.
                """;
    }
}
