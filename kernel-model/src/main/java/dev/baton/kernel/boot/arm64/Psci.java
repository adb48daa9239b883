package dev.baton.kernel.boot.arm64;

import dev.baton.images.guest.GuestAction;

/** The kernel's side of PSCI 1.1 (DEN0022): drivers/firmware/psci/psci.c. */
final class Psci {
    static final long CPU_ON = 0xc400_0003L;
    static final long SYSTEM_OFF = 0x8400_0008L;
    private static final long VERSION = 0x8400_0000L;

    private final Kernel kernel;
    private final GuestAction call;

    private Psci(Kernel kernel, GuestAction call) {
        this.kernel = kernel;
        this.call = call;
    }

    /** @return null without a PSCI node, or one whose method is neither hvc nor smc */
    static Psci of(Kernel kernel) {
        return switch (kernel.tree.psciMethod().orElse("")) {
            case "hvc" -> new Psci(kernel, GuestAction.PSCI_HVC);
            case "smc" -> new Psci(kernel, GuestAction.PSCI_SMC);
            default -> null;
        };
    }

    /** {@code psci_dt_init}: tells guest code the conduit and asks firmware for its version. */
    void probe() {
        kernel.printk("psci: probing for conduit method from DT.");
        kernel.storeSymbol("psci_conduit", 0, 4, call.ordinal());
        long version = kernel.guest.psci(VERSION);
        kernel.printk("psci: PSCIv%d.%d detected in firmware.".formatted(version >>> 16 & 0xffff, version & 0xffff));
    }

    /** By an instruction of the dispatcher: the result comes with the next model call. */
    Answer call(long function, long... arguments) {
        long[] all = new long[1 + arguments.length];
        all[0] = function;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return new Answer(call, all);
    }
}
