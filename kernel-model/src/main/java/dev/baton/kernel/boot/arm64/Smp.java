package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.images.guest.GuestAction;
import dev.baton.images.guest.ModelCallNumber;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.boot.arm64.BootTree.CpuNode;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Secondary CPUs: arch/arm64/kernel/smp.c, smp_spin_table.c and psci.c. Number 0 is the boot CPU, the others follow in the
 * tree's order.
 */
final class Smp implements Stateful {
    static final int MAILBOX = 64;
    static final int MAILBOX_ONLINE = 8;
    static final long COMMAND_OFFLINE = 1;
    private static final long INVALID_HWID = -1;
    static final int MAX_CPUS = 16;
    static final int STACK_SIZE = 4096;
    private static final long AFFINITY_OFF = 1;

    private enum Step { NEXT, ASKED, WAITING, DONE }

    private final Kernel kernel;
    private final List<CpuNode> possible = new ArrayList<>();
    private final BitSet online = new BitSet();
    /** CPUs that came into the kernel and did not come online: they run our code for ever. */
    private final BitSet stuck = new BitSet();
    private Step step = Step.NEXT;
    private int cpu = 1;

    Smp(Kernel kernel) {
        this.kernel = kernel;
    }

    /** {@code smp_init_cpus}. */
    void init() {
        long boot = kernel.cpu().register("mpidr_el1") & BootTree.MPIDR_HWID;
        List<CpuNode> nodes = kernel.tree.cpus();
        possible.add(nodes.stream().filter(n -> n.hwid() == boot).findFirst().orElse(new CpuNode(boot, "", -1)));
        for (CpuNode n : nodes) {
            if (n.hwid() != boot && possible.size() < MAX_CPUS && usable(n)) {
                possible.add(n);
            }
        }
        online.set(0);
    }

    private boolean usable(CpuNode n) {
        int number = possible.size();
        switch (n.enableMethod()) {
            case "psci" -> {
                if (kernel.psci == null) {
                    kernel.printk("psci: no PSCI firmware: CPU%d cannot be started".formatted(number));
                    return false;
                }
                return true;
            }
            case "spin-table" -> {
                if (n.releaseAddress() == -1) {
                    kernel.error("CPU %d: missing or invalid cpu-release-addr property".formatted(number));
                    return false;
                }
                return n.releaseAddress() != 0;
            }
            default -> {
                kernel.error("CPU %d: unsupported enable-method '%s'".formatted(number, n.enableMethod()));
                return false;
            }
        }
    }

    int onlineCount() {
        return online.cardinality();
    }

    /** {@code cpus_are_stuck_in_kernel}: some did not come online, or there is no way to switch one off. */
    boolean stuckInKernel() {
        return !stuck.isEmpty() || possible.size() > 1 && possible.stream().skip(1).anyMatch(n -> !n.enableMethod().equals("psci"));
    }

    /** {@code smp_prepare_cpus}: tells spinning firmware where to go. */
    void prepare() {
        for (int i = 1; i < possible.size(); i++) {
            CpuNode n = possible.get(i);
            if (n.enableMethod().equals("spin-table")) {
                kernel.cpu().activity("spin-table: write of cpu-release-addr");
                kernel.linear.u64(n.releaseAddress(), kernel.image.pa("secondary_holding_pen"));
                kernel.cpu().activity("");
                long va = kernel.virt(n.releaseAddress());
                kernel.guest.cleanInvalidatePoc(va, va + 8);
                kernel.guest.sendEvent();
            }
        }
        kernel.printk("smp: Bringing up secondary CPUs ...");
    }

    /** {@code bringup_nonboot_cpus}, one piece at a time. @return null when all are up or given up */
    Answer bringUp(long result) {
        return switch (step) {
            case NEXT -> start();
            case ASKED -> asked(result);
            case WAITING -> arrived(result != 0);
            case DONE -> null;
        };
    }

    private Answer start() {
        if (cpu >= possible.size()) {
            step = Step.DONE;
            summary();
            return null;
        }
        kernel.storeSymbol("secondary_data", 0, 8, kernel.image.va("boot_stacks") + (cpu + 1L) * STACK_SIZE);
        kernel.storeSymbol("secondary_data", 8, 8, cpu);
        CpuNode n = possible.get(cpu);
        if (n.enableMethod().equals("psci")) {
            step = Step.ASKED;
            return kernel.psci.call(Psci.CPU_ON, n.hwid(), kernel.image.pa("secondary_entry"), 0);
        }
        writePenRelease(n.hwid());
        kernel.guest.sendEvent();
        return waitForIt();
    }

    private Answer waitForIt() {
        step = Step.WAITING;
        return new Answer(GuestAction.WAIT_FLAG, mailbox(cpu) + MAILBOX_ONLINE, ticksPerSecond());
    }

    private Answer asked(long result) {
        if (result == 0) {
            return waitForIt();
        }
        kernel.error("psci: failed to boot CPU%d (%d)".formatted(cpu, (int) result));
        return next();
    }

    private Answer arrived(boolean up) {
        if (up) {
            online.set(cpu);
        } else {
            kernel.error("CPU%d: failed to come online".formatted(cpu));
        }
        if (possible.get(cpu).enableMethod().equals("spin-table")) {
            writePenRelease(INVALID_HWID);
            // Whoever is in the pen executes this kernel's text until power-off.
            stuck.set(cpu, !up);
        }
        return next();
    }

    private Answer next() {
        cpu++;
        step = Step.NEXT;
        return start();
    }

    /** {@code write_pen_release}: read by CPUs whose MMU is off. */
    private void writePenRelease(long hwid) {
        kernel.cpu().activity("spin-table: write_pen_release");
        kernel.storeSymbol("secondary_holding_pen_release", 0, 8, hwid);
        kernel.cpu().activity("");
        if (!kernel.has(Quirk.PEN_RELEASE_NOT_CLEANED)) {
            long va = kernel.image.va("secondary_holding_pen_release");
            kernel.guest.cleanInvalidatePoc(va, va + 8);
        }
    }

    private void summary() {
        kernel.printk("smp: Brought up 1 node, %d CPU%s".formatted(onlineCount(), onlineCount() == 1 ? "" : "s"));
        kernel.printk("SMP: Total of %d processors activated.".formatted(onlineCount()));
        kernel.printk("CPU: All CPU(s) started at EL%d".formatted(kernel.stubAtEl2() ? 2 : 1));
    }

    /** {@code secondary_start_kernel}, on the secondary: x0 number, x1 mode of entry, x2 MPIDR. */
    void secondaryStart(Cpu secondary) {
        int number = (int) secondary.argument(0);
        kernel.printk("CPU%d: Booted secondary processor 0x%010x [0x%08x]".formatted(number,
                secondary.argument(2) & BootTree.MPIDR_HWID, secondary.register("midr_el1")));
        if (secondary.argument(1) != kernel.bootMode) {
            kernel.error("CPU: CPUs started in inconsistent modes");
            new BootProtocol(kernel.machine, secondary.index(), kernel.entry)
                    .inconsistentLevels(number, secondary.argument(1) == ModelCallNumber.BOOT_EL2 ? 2 : 1);
        }
    }

    /** {@code smp_shutdown_nonboot_cpus}, one CPU at a time: asks the next one to leave. @return null when only the boot CPU is left */
    Answer takeDown() {
        int victim = online.nextSetBit(1);
        if (victim < 0) {
            return null;
        }
        kernel.cpu().storeVirtual(mailbox(victim), 8, COMMAND_OFFLINE);
        kernel.guest.sendEvent();
        return new Answer(GuestAction.WAIT_CPU_OFF, possible.get(victim).hwid(), ticksPerSecond() / 10);
    }

    /** The answer to {@link #takeDown}: {@code psci_cpu_kill}. */
    void takenDown(long affinityInfo, long ticks) {
        int victim = online.nextSetBit(1);
        online.clear(victim);
        if (affinityInfo == AFFINITY_OFF) {
            kernel.printk("psci: CPU%d killed (polled %d ms)".formatted(victim, ticks * 1000 / ticksPerSecond()));
        } else {
            stuck.set(victim);
            kernel.error("psci: CPU%d may not have shut down cleanly (AFFINITY_INFO reports %d)".formatted(victim, affinityInfo));
        }
    }

    private long mailbox(int number) {
        return kernel.image.va("mailboxes") + (long) number * MAILBOX;
    }

    private long ticksPerSecond() {
        return kernel.cpu().register("cntfrq_el0");
    }

    @Override
    public void save(StateWriter out) {
        out.section("smp").u32(cpu).u32(step.ordinal()).longs(online.toLongArray()).longs(stuck.toLongArray()).u32(possible.size());
        possible.forEach(n -> out.u64(n.hwid()).text(n.enableMethod()).u64(n.releaseAddress()));
    }

    @Override
    public void load(StateReader in) {
        cpu = in.section("smp").u32();
        step = Step.values()[in.u32()];
        online.clear();
        online.or(BitSet.valueOf(in.longs()));
        stuck.clear();
        stuck.or(BitSet.valueOf(in.longs()));
        possible.clear();
        for (int n = in.u32(); n > 0; n--) {
            possible.add(new CpuNode(in.u64(), in.text(), in.u64()));
        }
    }
}
