package dev.baton.kernel.follow;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.finding.DeviceOwnedMemory;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.boot.arm64.EntryState;
import dev.baton.kernel.kho.KhoHandover;
import dev.baton.kernel.mm.EarlyMemory;
import dev.baton.kernel.mm.PhysRange;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Follows a machine from kernel to kernel without knowing which kernels run. A hand-over of arm64 Linux is recognised by what
 * booting.rst asks of it: a CPU turns translation off (the end of a relocation since v5.16, its beginning before), and then executes the
 * first instruction of an Image, perhaps after that of purgatory. Until then nothing is watched, so following costs nothing. A
 * relocation is recognised by its first instruction, in an identity-mapped page, with a list that can be walked: it tells the
 * segments, and what the next kernel must find in memory.
 *
 * <p>Not recognised: a kernel that is no Image or lies at no multiple of 2 MiB (plus 0x80000, as before v5.8).
 */
public final class Follower implements Stateful {
    private static final int DTB_MAGIC = 0xd00d_feed;
    private static final int DTB_LIMIT = 2 << 20;
    private static final int DTB_HEADER = 40;
    private static final byte[] BANNER = "Linux version ".getBytes(StandardCharsets.US_ASCII);
    private static final int BANNER_LIMIT = 160;
    private static final int CHUNK = 1 << 20;

    private final Machine machine;
    private final PeekedMemory memory;
    private final DeviceOwnedMemory owned;
    private final List<FollowedKernel> kernels = new ArrayList<>();
    private final FindingSymbols symbols;
    /** CPU that has turned translation off, and what it may enter; -1 if none has. */
    private int leaving = -1;
    private long[] entries = {};
    /** The relocation that runs, or has just run; null if none. */
    private Relocation relocation;
    private PageList list = PageList.NONE;
    /** What was loaded was entered, and is no Image: purgatory. */
    private boolean purgatory;
    private long instructionsAtStart;

    /** Follows {@code machine} from now on; part of it, so snapshots know the generation. */
    public Follower(Machine machine) {
        this.machine = machine;
        memory = new PeekedMemory(machine.bus());
        owned = new DeviceOwnedMemory(machine);
        symbols = new FindingSymbols(machine, memory);
        machine.findings().onFinding(this::found);
        machine.part("follower", this);
        for (Cpu cpu : machine.cpus()) {
            cpu.whenIdentityPageBegins(() -> identityPage(cpu));
            cpu.whenTranslationGoesOff(() -> translationOff(cpu));
        }
    }

    /** Firmware has put {@code plan} into memory and starts it. */
    public void started(LaunchPlan plan) {
        Cpu cpu = machine.cpu(plan.cpu());
        forget();
        kernels.add(entered(cpu, EntryState.of(cpu), null));
    }

    /** Takes the symbols of a kernel from a file; of others, and without files, from the table that a kernel carries. */
    public void know(SymbolFile file) {
        symbols.know(file);
    }

    /** Files of symbols that fit no kernel that was entered. */
    public List<SymbolFile> foreignSymbols() {
        return symbols.foreign(kernels);
    }

    /** What was entered so far, in order; the last one has no end yet unless {@link #ended} was called. */
    public List<FollowedKernel> kernels() {
        return List.copyOf(kernels);
    }

    /** The run is over: instruction counts are complete. */
    public void ended() {
        end();
    }

    private void found(Finding finding) {
        if (!kernels.isEmpty()) {
            symbols.name(finding, kernels.getLast());
        }
    }

    /** Symbol of an address that a CPU executes now, as {@code name+0x…}; "" if nobody knows. */
    public String symbol(Cpu cpu) {
        return kernels.isEmpty() ? "" : symbols.symbol(kernels.getLast(), symbols.physical(cpu.index(), cpu.pc()));
    }

    /** Symbol of a finding's PC, as {@code name+0x…}; "" if nobody knows. */
    public String symbol(Finding finding) {
        return symbols.of(finding);
    }

    /**
     * What executed at physical address {@code pa} at virtual time {@code time}: code of a relocation, or of the kernel that runs now,
     * since the memory of those before it holds something else by now; "" if nobody knows.
     */
    public String symbol(long pa, long time) {
        for (FollowedKernel k : kernels) {
            if (k.report().startTime > time) {
                return code(k.relocation(), pa);
            }
        }
        String relocating = code(relocation, pa);
        return relocating.isEmpty() && !kernels.isEmpty() ? symbols.symbol(kernels.getLast(), pa) : relocating;
    }

    private static String code(Relocation how, long pa) {
        return how == null || pa < how.code() || pa >= (how.code() | PageList.PAGE - 1) ? ""
                : "relocation+0x" + Long.toHexString(pa - how.code());
    }

    // The hand-over -------------------------------------------------------------------------------------------------------

    private void identityPage(Cpu cpu) {
        if (relocation != null) {
            return;
        }
        boolean translated = EntryState.of(cpu).mmuOn();
        PageList found = PageList.at(cpu, machine.bus(), translated);
        if (!found.known()) {
            return;
        }
        list = found;
        relocation = Relocation.begun(cpu, symbols.physical(cpu.index(), cpu.pc()), translated, list.count(), machine.instructions());
        new RelocationChecks(machine, cpu, list).begins(relocation);
        if (!translated) {
            leaving = cpu.index();
            watch(withDestinations(entries));
        }
    }

    private void translationOff(Cpu cpu) {
        long[] images = FoundImage.all(machine.bus()).stream().mapToLong(FoundImage::address).toArray();
        long[] all = withDestinations(images);
        if (all.length > 0) {
            leaving = cpu.index();
            purgatory = false;
            watch(all);
        }
    }

    /** And what the list leads to: an Image may be copied into place only after translation went off. */
    private long[] withDestinations(long... images) {
        LongStream placed = list.known() ? LongStream.concat(Arrays.stream(list.images(machine.bus())), LongStream.of(list.start()))
                : LongStream.empty();
        return LongStream.concat(Arrays.stream(images), placed).distinct().toArray();
    }

    private void watch(long... any) {
        entries = any;
        Cpu cpu = machine.cpu(leaving);
        cpu.callBeforeAny(entries, () -> arrived(cpu));
    }

    private void forget() {
        if (leaving >= 0) {
            machine.cpu(leaving).callBefore(0, null);
            leaving = -1;
        }
        entries = new long[0];
        list = PageList.NONE;
        relocation = null;
        purgatory = false;
    }

    private void arrived(Cpu cpu) {
        EntryState entry = EntryState.of(cpu);
        if (entry.mmuOn()) {
            // Somebody else's code at the same virtual address: a kernel is entered with translation off.
            forget();
            return;
        }
        if (relocation != null && !purgatory) {
            relocation = relocation.jumped(machine.instructions());
            new RelocationChecks(machine, cpu, list).ended();
        }
        if (!purgatory && cpu.pc() == list.start() && FoundImage.at(machine.bus(), cpu.pc()) == null) {
            purgatory = true;
            watch(Arrays.stream(entries).filter(at -> at != list.start()).toArray());
            return;
        }
        List<GenerationReport.Segment> segments = list.segments(machine.bus());
        Relocation how = relocation == null ? null : relocation.entered(machine.instructions());
        forget();
        end();
        FollowedKernel next = entered(cpu, entry, how);
        next.report().segments.addAll(segments);
        kernels.add(next);
        new EntryChecks(machine, cpu, next, entry).check();
        owned.handOver(cpu, next.report().number, areas(next), reserved(next));
    }

    /** One line: which kernel runs, and whether it is on its way to the next. */
    public String stage() {
        if (kernels.isEmpty()) {
            return "no kernel has started";
        }
        GenerationReport g = kernels.getLast().report();
        return String.format(Locale.ROOT, "generation %d, %s, started after %,d of %,d instructions: %s", g.number,
                g.banner.isEmpty() ? g.kernel : g.banner.replaceFirst(" \\(.*", ""), instructionsAtStart, machine.instructions(), where());
    }

    private String where() {
        if (relocation != null && !purgatory) {
            return String.format(Locale.ROOT, "relocating %,d pages by the code at 0x%x, translation %s", relocation.pages(),
                    relocation.code(), EntryState.of(machine.cpu(relocation.cpu())).mmuOn() ? "on" : "off");
        }
        if (leaving >= 0) {
            return purgatory ? "in purgatory, translation off" : "handing over, translation off";
        }
        Cpu first = machine.cpus().stream().filter(c -> c.state() != Cpu.State.OFF).findFirst().orElse(machine.cpu(0));
        return EntryState.of(first).mmuOn() ? "running" : "entered, translation still off";
    }

    private void end() {
        if (!kernels.isEmpty()) {
            GenerationReport last = kernels.getLast().report();
            last.endTime = machine.clock().now();
            last.instructions = machine.instructions() - instructionsAtStart;
        }
        instructionsAtStart = machine.instructions();
    }

    private static List<DeviceOwnedMemory.Area> areas(FollowedKernel k) {
        return k.report().loaded.stream().map(s -> new DeviceOwnedMemory.Area(s.label(), s.address(), s.size())).toList();
    }

    private static List<DeviceOwnedMemory.Area> reserved(FollowedKernel k) {
        return k.tree() == null ? List.of() : EarlyMemory.firmwareReserved(k.tree()).stream()
                .map(r -> new DeviceOwnedMemory.Area("reserved", r.start(), r.size())).collect(Collectors.toList());
    }

    // What a kernel is entered with -------------------------------------------------------------------------------------

    private FollowedKernel entered(Cpu cpu, EntryState entry, Relocation how) {
        FoundImage image = FoundImage.at(machine.bus(), entry.image());
        Fdt tree = tree(entry.dtb());
        KhoHandover kho = tree == null ? null : KhoHandover.read(tree, memory);
        GenerationReport report = new GenerationReport(kernels.size() + 1, image == null ? "no Image" : "Image");
        report.startTime = machine.clock().now();
        entry.into(report.entryState);
        if (image != null) {
            report.banner = banner(image);
            report.loaded.add(new GenerationReport.Segment("kernel", image.address(), image.size()));
        }
        if (tree != null) {
            report.loaded.add(new GenerationReport.Segment("dtb", entry.dtb(), tree.totalSize()));
            Optional<PhysRange> initrd = EarlyMemory.initrd(tree);
            initrd.ifPresent(r -> report.loaded.add(new GenerationReport.Segment("initrd", r.start(), r.size())));
        }
        handover(report, kho);
        return new FollowedKernel(report, image, tree, kho, how);
    }

    private static void handover(GenerationReport report, KhoHandover kho) {
        report.loaded.forEach(s -> report.areas.add(new GenerationReport.Area(s.label(), s.address(), s.size())));
        if (kho != null) {
            report.khoIncoming = kho.compatible();
            for (int i = 0; i < kho.scratch().size(); i++) {
                if (kho.scratch().get(i).size() > 0) {
                    report.areas.add(new GenerationReport.Area("scratch " + i, kho.scratch().get(i).addr(), kho.scratch().get(i).size()));
                }
            }
            kho.preserved().forEach(r -> report.areas.add(new GenerationReport.Area("preserved", r.start(), r.size())));
        }
    }

    private Fdt tree(long dtb) {
        if ((dtb & 3) != 0 || Integer.reverseBytes(memory.u32(dtb)) != DTB_MAGIC) {
            return null;
        }
        int size = Integer.reverseBytes(memory.u32(dtb + 4));
        if (size < DTB_HEADER || size > DTB_LIMIT) {
            return null;
        }
        try {
            return Fdt.of(memory.read(dtb, size));
        } catch (FdtException e) {
            return null;
        }
    }

    /** {@code linux_banner}, which every kernel holds in its read-only data; its first line. */
    private String banner(FoundImage image) {
        byte[] chunk = new byte[CHUNK + BANNER_LIMIT];
        for (long at = 0; at < image.size(); at += CHUNK) {
            int n = (int) Math.min(chunk.length, image.size() - at);
            memory.read(image.address() + at, chunk, 0, n);
            for (int i = 0; i + BANNER.length < n && i < CHUNK; i++) {
                if (chunk[i] == 'L' && isBanner(chunk, i, n)) {
                    return line(chunk, i, n);
                }
            }
        }
        return "";
    }

    private static boolean isBanner(byte[] chunk, int at, int n) {
        for (int i = 0; i < BANNER.length; i++) {
            if (chunk[at + i] != BANNER[i]) {
                return false;
            }
        }
        int digit = chunk[at + BANNER.length];
        return at + BANNER.length < n && digit >= '0' && digit <= '9';
    }

    private static String line(byte[] chunk, int from, int n) {
        int to = from;
        while (to < n && to - from < BANNER_LIMIT && chunk[to] != 0 && chunk[to] != '\n') {
            to++;
        }
        return new String(chunk, from, to - from, StandardCharsets.UTF_8);
    }

    // Snapshot ----------------------------------------------------------------------------------------------------------

    @Override
    public void save(StateWriter out) {
        out.section("follower").u32(kernels.size()).u32(leaving).u64(instructionsAtStart);
        out.longs(entries).flag(purgatory).u64(list.start()).longs(list.pages()).flag(relocation != null);
        if (relocation != null) {
            relocation.save(out);
        }
    }

    /** Generations that were entered after the snapshot are forgotten; of those before a new process knows the number only. */
    @Override
    public void load(StateReader in) {
        forget();
        int count = in.section("follower").u32();
        leaving = in.u32();
        instructionsAtStart = in.u64();
        long[] any = in.longs();
        purgatory = in.flag();
        list = new PageList(in.u64(), in.longs());
        relocation = in.flag() ? Relocation.load(in) : null;
        while (kernels.size() > count) {
            kernels.removeLast();
        }
        while (kernels.size() < count) {
            kernels.add(new FollowedKernel(new GenerationReport(kernels.size() + 1, "restored"), null, null, null, null));
        }
        if (leaving >= 0) {
            watch(any);
        }
    }
}
