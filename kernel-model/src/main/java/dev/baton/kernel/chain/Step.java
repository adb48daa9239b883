package dev.baton.kernel.chain;

import dev.baton.kernel.Errno;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One thing that a generation's user space does. Written {@code - kexec} or {@code - preserve: {orders: [0, 3]}}. */
public sealed interface Step {
    /** Every step by its name in documents. */
    Map<String, Class<? extends Step>> BY_NAME = byName();

    private static Map<String, Class<? extends Step>> byName() {
        Map<String, Class<? extends Step>> m = new LinkedHashMap<>();
        m.put("boot", Boot.class);
        m.put("preserve", Preserve.class);
        m.put("restore", Restore.class);
        m.put("finalize", Finalize.class);
        m.put("load", Load.class);
        m.put("kexec", Kexec.class);
        m.put("power-off", PowerOff.class);
        m.put("halt", Halt.class);
        m.put("await", Await.class);
        return java.util.Collections.unmodifiableMap(m);
    }

    /** The generation ends with this step. */
    default boolean ends() {
        return false;
    }

    /** Comes up to user space; every generation does, so writing it is a matter of taste. Only as the first step. */
    record Boot() implements Step { }

    /** Preserves folios filled with a seeded pattern, and a sub-tree that lists them. */
    record Preserve(
            @Doc("name of the KHO sub-tree that lists the folios (default state)") String subtree,
            @Doc("order of each folio, 0 to 10") @Required List<Integer> orders,
            @Doc("seed of the bytes in the folios (default: the generation's number)") Long seed) implements Step {
        public Preserve {
            subtree = subtree == null ? Restore.DEFAULT_SUBTREE : subtree;
            orders = orders == null ? List.of() : List.copyOf(orders);
        }
    }

    /** Takes a sub-tree over, restores its folios and checks every byte. */
    record Restore(@Doc("name of the KHO sub-tree (default state)") String subtree) implements Step {
        static final String DEFAULT_SUBTREE = "state";

        public Restore {
            subtree = subtree == null ? DEFAULT_SUBTREE : subtree;
        }
    }

    /** Writes 1 to {@code kho/out/finalize}: the era 6.16 needs it before a load. */
    record Finalize() implements Step { }

    /** Loads a kernel, by default the next generation's. */
    record Load(
            @Doc("system call: file for kexec_file_load (default), kexec-load for kexec_load") Via via,
            @Doc("name in kernels (default: the next generation's kernel)") String kernel,
            @Doc("flags of kexec_file_load") List<Flag> flags,
            @Doc("errno that must come back, such as ENOEXEC (default: success)") Errno errno) implements Step {
        public Load {
            via = via == null ? Via.FILE : via;
            flags = flags == null ? List.of() : List.copyOf(flags);
        }

        int flagBits() {
            return flags.stream().mapToInt(f -> f.bit).reduce(0, (a, b) -> a | b);
        }
    }

    /** The system call of a load. */
    enum Via { FILE, KEXEC_LOAD }

    /** Flags of {@code kexec_file_load}: {@code include/uapi/linux/kexec.h}, v7.2. */
    enum Flag {
        UNLOAD(1), ON_CRASH(2), NO_INITRAMFS(4), DEBUG(8), NO_CMA(0x10), FORCE_DTB(0x20);

        private final int bit;

        Flag(int bit) {
            this.bit = bit;
        }
    }

    /** {@code reboot(LINUX_REBOOT_CMD_KEXEC)}. */
    record Kexec() implements Step {
        @Override
        public boolean ends() {
            return true;
        }
    }

    /** PSCI {@code SYSTEM_OFF}. */
    record PowerOff() implements Step {
        @Override
        public boolean ends() {
            return true;
        }
    }

    /** Waits for ever with interrupts masked. */
    record Halt() implements Step {
        @Override
        public boolean ends() {
            return true;
        }
    }

    /** The run goes on until a console line contains the text: for kernels that we did not write. */
    record Await(@Doc("text that a console line must contain") @Required String console) implements Step { }
}
