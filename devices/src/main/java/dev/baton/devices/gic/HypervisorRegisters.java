package dev.baton.devices.gic;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.Arrays;

/**
 * The ICH_* registers of one CPU, IHI 0069 section 12.4: they hold what EL2 writes and show an idle virtual CPU interface.
 * The virtual CPU interface itself (ICV_*, list registers presented to a guest, the maintenance interrupt) is not modelled;
 * the device tree has no maintenance interrupt, so a hypervisor sees that it cannot use it.
 */
final class HypervisorRegisters {
    private static final int LIST_REGISTERS = 4;
    /** PRIbits 5, PREbits 5, IDbits 24, A3V, nV4 (no direct injection), TDS, and the number of list registers less one. */
    private static final long VTR = 4L << 29 | 4L << 26 | 1L << 23 | 1L << 21 | 1L << 20 | 1L << 19 | LIST_REGISTERS - 1;

    private int hcr;
    private int vmcr;
    private final int[] apr = new int[2];
    private final long[] lr = new long[LIST_REGISTERS];

    void reset() {
        hcr = 0;
        vmcr = 0;
        Arrays.fill(apr, 0);
        Arrays.fill(lr, 0);
    }

    private static int listRegister(String register) {
        int n = register.length() == "ICH_LR0_EL2".length() && register.startsWith("ICH_LR") ? register.charAt(6) - '0' : -1;
        return n < LIST_REGISTERS ? n : -1;
    }

    /** ICH_ELRSR_EL2: list registers whose State [63:62] is Invalid and EOI bit 41 (when HW is 0) is clear. */
    private long emptyListRegisters() {
        long empty = 0;
        for (int i = 0; i < LIST_REGISTERS; i++) {
            boolean maintenance = (lr[i] & 1L << 61) == 0 && (lr[i] & 1L << 41) != 0;
            if (lr[i] >>> 62 == 0 && !maintenance) {
                empty |= 1L << i;
            }
        }
        return empty;
    }

    boolean has(String register) {
        return register.startsWith("ICH_") && switch (register) {
            case "ICH_HCR_EL2", "ICH_VTR_EL2", "ICH_VMCR_EL2", "ICH_AP0R0_EL2", "ICH_AP1R0_EL2", "ICH_ELRSR_EL2", "ICH_MISR_EL2",
                    "ICH_EISR_EL2" -> true;
            default -> listRegister(register) >= 0;
        };
    }

    long read(String register) {
        return switch (register) {
            case "ICH_HCR_EL2" -> Integer.toUnsignedLong(hcr);
            case "ICH_VTR_EL2" -> VTR;
            case "ICH_VMCR_EL2" -> Integer.toUnsignedLong(vmcr);
            case "ICH_AP0R0_EL2" -> Integer.toUnsignedLong(apr[0]);
            case "ICH_AP1R0_EL2" -> Integer.toUnsignedLong(apr[1]);
            case "ICH_ELRSR_EL2" -> emptyListRegisters();
            case "ICH_MISR_EL2", "ICH_EISR_EL2" -> 0;
            default -> lr[listRegister(register)];
        };
    }

    void write(String register, long value) {
        switch (register) {
            case "ICH_HCR_EL2" -> hcr = (int) value;
            case "ICH_VMCR_EL2" -> vmcr = (int) value;
            case "ICH_AP0R0_EL2" -> apr[0] = (int) value;
            case "ICH_AP1R0_EL2" -> apr[1] = (int) value;
            case "ICH_VTR_EL2", "ICH_ELRSR_EL2", "ICH_MISR_EL2", "ICH_EISR_EL2" -> { }
            default -> lr[listRegister(register)] = value;
        }
    }

    void save(StateWriter out) {
        out.u32(hcr).u32(vmcr).ints(apr).longs(lr);
    }

    void load(StateReader in) {
        hcr = in.u32();
        vmcr = in.u32();
        System.arraycopy(in.ints(), 0, apr, 0, 2);
        System.arraycopy(in.longs(), 0, lr, 0, LIST_REGISTERS);
    }
}
