package dev.baton.cli.gdb;

import dev.baton.cli.gdb.Debugger.Cause;
import dev.baton.cli.gdb.Debugger.Run;
import dev.baton.cli.gdb.Debugger.Stop;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Answers GDB, packet by packet, on the machine's thread (GDB manual, "Remote Serial Protocol"; all-stop). A CPU is a thread, CPU n
 * has the identifier n + 1. Breakpoints go by virtual address and stay through a kexec.
 */
public final class GdbStub implements Packets.Receiver {
    private static final String OK = "OK";
    private static final String MALFORMED = "E01";
    private static final String NO_SUCH = "E02";
    /** EFAULT. */
    private static final String NO_MEMORY = "E0e";
    private static final String UNSUPPORTED = "";
    private static final int SIGINT = 2;
    private static final int SIGTRAP = 5;
    /** Bytes of an {@code m} reply or an {@code O} packet: two digits each, within a packet. */
    private static final int LONGEST_READ = Packets.LONGEST / 2 - 16;

    private final Debugger debugger;
    private final Machine machine;
    private final Target target;
    private final MonitorCommands monitor;
    private final Runnable quit;
    private Packets packets = new Packets(this);
    private Consumer<byte[]> out;
    private byte[] last = {};
    private boolean acknowledge;
    private boolean physical;
    /** Index of the CPU that {@code g}, {@code m} and the like are about. */
    private int cpu;
    private Stop stop = Stop.of(Cause.ATTACHED, 0);

    /** @param quit ends the run */
    public GdbStub(Debugger debugger, Target target, MonitorCommands monitor, Runnable quit) {
        this.debugger = debugger;
        this.machine = debugger.machine();
        this.target = target;
        this.monitor = monitor;
        this.quit = quit;
    }

    // The connection ------------------------------------------------------------------------------------------------------

    /** A debugger is there: the machine is held. */
    void attach(Consumer<byte[]> to) {
        packets = new Packets(this);
        acknowledge = true;
        physical = false;
        cpu = 0;
        out = to;
        debugger.hold(Cause.ATTACHED);
        stop = Stop.of(Cause.ATTACHED, 0);
        debugger.listener(this::stopped);
    }

    /** The connection broke: no breakpoints any more; a machine that was held stays so for the next debugger. */
    void lost() {
        out = null;
        debugger.listener(s -> { });
        debugger.points().clear();
    }

    void received(byte... bytes) {
        packets.received(bytes);
    }

    /** The machine is gone, with this exit status. */
    public void exited(int status) {
        if (out != null) {
            send("W%02x".formatted(status & 0xff));
        }
    }

    private void send(String data) {
        last = Packets.framed(data);
        out.accept(last);
    }

    @Override
    public void again() {
        if (acknowledge) {
            out.accept(last);
        }
    }

    @Override
    public void acknowledge(char c) {
        if (acknowledge) {
            out.accept(new byte[] {(byte) c});
        }
    }

    @Override
    public void interrupt() {
        if (out != null) {
            debugger.hold(Cause.INTERRUPTED);
        }
    }

    @Override
    public void packet(String data) {
        if (out == null) {
            return;
        }
        String answer;
        try {
            answer = answer(data);
        } catch (BadPacket e) {
            answer = MALFORMED;
        }
        if (answer != null && out != null) {
            send(answer);
        }
    }

    // Packets ---------------------------------------------------------------------------------------------------------------

    /** Null when the answer comes later, or never. */
    private String answer(String p) {
        if (p.isEmpty()) {
            return UNSUPPORTED;
        }
        if (!debugger.held()) {
            // All-stop: GDB asks nothing while the machine runs.
            return null;
        }
        String rest = p.substring(1);
        return switch (p.charAt(0)) {
            case '?' -> reply(stop);
            case 'g' -> Hex.of(generalRegisters());
            case 'G' -> generalRegisters(Hex.bytes(rest));
            case 'p' -> readRegister(rest);
            case 'P' -> writeRegister(rest);
            case 'm' -> readMemory(rest);
            case 'M' -> writeMemory(rest, false);
            case 'X' -> writeMemory(rest, true);
            case 'H' -> selectThread(rest);
            case 'T' -> thread(rest) >= 0 ? OK : NO_SUCH;
            case 'c', 'C' -> go(new Run.All());
            case 's', 'S' -> go(step(cpu));
            case 'v' -> v(rest);
            case 'Z' -> stopPoint(rest, true);
            case 'z' -> stopPoint(rest, false);
            case 'D' -> detach();
            case 'k' -> kill();
            case 'q' -> query(rest);
            case 'Q' -> set(rest);
            default -> UNSUPPORTED;
        };
    }

    private String query(String q) {
        String name = q.split("[:,;]", 2)[0];
        String of = q.length() > name.length() ? q.substring(name.length() + 1) : "";
        return switch (name) {
            case "Supported" -> "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;vContSupported+;swbreak+;hwbreak+"
                    .formatted(Packets.LONGEST);
            case "Attached" -> "1";
            case "C" -> "QC" + Integer.toHexString(cpu + 1);
            case "fThreadInfo" -> threads();
            case "sThreadInfo" -> "l";
            case "ThreadExtraInfo" -> Hex.ofText(about(existing(of)));
            case "Xfer" -> transfer(of);
            case "Rcmd" -> command(of);
            case "qemu.PhyMemMode" -> physical ? "1" : "0";
            default -> UNSUPPORTED;
        };
    }

    private String set(String q) {
        switch (q) {
            case "StartNoAckMode" -> acknowledge = false;
            case "qemu.PhyMemMode:0" -> physical = false;
            case "qemu.PhyMemMode:1" -> physical = true;
            default -> {
                return UNSUPPORTED;
            }
        }
        return OK;
    }

    private String v(String packet) {
        if (packet.equals("Cont?")) {
            return "vCont;c;C;s;S;t;r";
        }
        if (packet.startsWith("Cont;")) {
            return resume(packet.substring("Cont;".length()));
        }
        if (packet.startsWith("Kill;")) {
            quit.run();
            return OK;
        }
        return UNSUPPORTED;
    }

    // Threads -----------------------------------------------------------------------------------------------------------------

    /** Index of the CPU with this thread identifier; the selected one for any; -1 if there is none. */
    private int thread(String id) {
        if (id.equals("-1") || id.equals("0")) {
            return cpu;
        }
        int n = Hex.number(id, Integer.MAX_VALUE) - 1;
        return n < machine.cpus().size() ? n : -1;
    }

    private int existing(String id) {
        int n = thread(id);
        if (n < 0) {
            throw new BadPacket();
        }
        return n;
    }

    private String selectThread(String rest) {
        if (rest.isEmpty()) {
            return MALFORMED;
        }
        int n = thread(rest.substring(1));
        if (n < 0) {
            return NO_SUCH;
        }
        cpu = n;
        return OK;
    }

    private String threads() {
        StringBuilder b = new StringBuilder("m");
        for (int i = 0; i < machine.cpus().size(); i++) {
            b.append(i == 0 ? "" : ",").append(Integer.toHexString(i + 1));
        }
        return b.toString();
    }

    private String about(int n) {
        Cpu c = machine.cpu(n);
        return "CPU#" + n + " " + c.state().name().toLowerCase(java.util.Locale.ROOT);
    }

    private String threadList() {
        StringBuilder b = new StringBuilder("<?xml version=\"1.0\"?>\n<threads>\n");
        for (int i = 0; i < machine.cpus().size(); i++) {
            b.append("<thread id=\"%x\" core=\"%d\" name=\"CPU#%d\">%s</thread>%n".formatted(i + 1, i, i, about(i)));
        }
        return b.append("</threads>\n").toString();
    }

    // Running -----------------------------------------------------------------------------------------------------------------

    private Run step(int n) {
        return new Run.Step(n, 0, 0);
    }

    private String go(Run what) {
        debugger.go(what);
        return null;
    }

    /** {@code vCont}: for each CPU the leftmost action that names it. One that steps goes alone; the rest run if all may. */
    private String resume(String actions) {
        int cpus = machine.cpus().size();
        String[] of = new String[cpus];
        for (String action : actions.split(";")) {
            String[] parts = action.split(":", 2);
            for (int i = 0; i < cpus; i++) {
                boolean named = parts.length == 1 || parts[1].equals("-1") || existing(parts[1]) == i;
                of[i] = of[i] == null && named ? parts[0] : of[i];
            }
        }
        int running = 0;
        int one = -1;
        for (int i = 0; i < cpus; i++) {
            String a = of[i] == null || of[i].isEmpty() ? "t" : of[i];
            switch (a.charAt(0)) {
                case 's', 'S' -> {
                    return go(step(i));
                }
                case 'r' -> {
                    return go(range(i, a.substring(1)));
                }
                case 'c', 'C' -> {
                    running++;
                    one = i;
                }
                default -> { }
            }
        }
        if (running == 0) {
            return MALFORMED;
        }
        return go(running == 1 && cpus > 1 ? new Run.Only(one) : new Run.All());
    }

    private static Run range(int n, String bounds) {
        String[] b = bounds.split(",", 2);
        if (b.length != 2) {
            throw new BadPacket();
        }
        return new Run.Step(n, Hex.number(b[0]), Hex.number(b[1]));
    }

    private void stopped(Stop s) {
        stop = s.cause() == Cause.INTERRUPTED ? Stop.of(Cause.INTERRUPTED, firstRunning()) : s;
        cpu = stop.cpu();
        send(reply(stop));
    }

    private int firstRunning() {
        for (Cpu c : machine.cpus()) {
            if (c.state() == Cpu.State.RUNNING) {
                return c.index();
            }
        }
        return 0;
    }

    private static String reply(Stop s) {
        int signal = s.cause() == Cause.INTERRUPTED ? SIGINT : SIGTRAP;
        String reason = switch (s.cause()) {
            case BREAKPOINT -> s.kind() + ":;";
            case WATCHPOINT -> s.kind() + ":" + Long.toHexString(s.address()) + ";";
            default -> "";
        };
        return "T%02xthread:%x;core:%x;%s".formatted(signal, s.cpu() + 1, s.cpu(), reason);
    }

    private String detach() {
        debugger.points().clear();
        send(OK);
        debugger.listener(s -> { });
        debugger.go(new Run.All());
        return null;
    }

    private String kill() {
        quit.run();
        return null;
    }

    // Registers and memory ------------------------------------------------------------------------------------------------------

    private byte[] generalRegisters() {
        byte[] all = new byte[0];
        for (int i = 0; i < target.generalRegisters(); i++) {
            byte[] one = target.read(machine.cpu(cpu), i);
            int at = all.length;
            all = Arrays.copyOf(all, at + one.length);
            System.arraycopy(one, 0, all, at, one.length);
        }
        return all;
    }

    private String generalRegisters(byte... values) {
        int at = 0;
        for (int i = 0; i < target.generalRegisters(); i++) {
            int size = target.read(machine.cpu(cpu), i).length;
            if (at + size > values.length) {
                return MALFORMED;
            }
            target.write(machine.cpu(cpu), i, Arrays.copyOfRange(values, at, at + size));
            at += size;
        }
        return OK;
    }

    private String readRegister(String rest) {
        return Hex.of(target.read(machine.cpu(cpu), Hex.number(rest, target.registers() - 1)));
    }

    private String writeRegister(String rest) {
        String[] parts = rest.split("=", 2);
        if (parts.length != 2) {
            return MALFORMED;
        }
        return target.write(machine.cpu(cpu), Hex.number(parts[0], target.registers() - 1), Hex.bytes(parts[1])) ? OK : NO_SUCH;
    }

    /** {@code address,length} up to an optional colon. */
    private static long[] range(String text) {
        String[] parts = text.split(",", 2);
        if (parts.length != 2) {
            throw new BadPacket();
        }
        return new long[] {Hex.number(parts[0]), Hex.number(parts[1], Integer.MAX_VALUE)};
    }

    private String readMemory(String rest) {
        long[] r = range(rest);
        int length = (int) Math.min(r[1], LONGEST_READ);
        byte[] bytes = physical ? readPhysical(r[0], length) : target.readMemory(machine.cpu(cpu), r[0], length);
        return bytes.length == 0 && length > 0 ? NO_MEMORY : Hex.of(bytes);
    }

    private byte[] readPhysical(long pa, int length) {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            int step = (int) Math.min(length - done, 4096 - (pa + done & 4095));
            if (!PhysicalMemory.peek(machine.bus(), pa + done, bytes, done, step, View.CACHED)) {
                break;
            }
            done += step;
        }
        return Arrays.copyOf(bytes, done);
    }

    private String writeMemory(String rest, boolean binary) {
        int colon = rest.indexOf(':');
        if (colon < 0) {
            return MALFORMED;
        }
        long[] r = range(rest.substring(0, colon));
        String data = rest.substring(colon + 1);
        byte[] bytes = binary ? data.getBytes(StandardCharsets.ISO_8859_1) : Hex.bytes(data);
        if (bytes.length != r[1]) {
            return MALFORMED;
        }
        return (physical ? writePhysical(r[0], bytes) : target.writeMemory(machine.cpu(cpu), r[0], bytes)) ? OK : NO_MEMORY;
    }

    private boolean writePhysical(long pa, byte... bytes) {
        Ram ram = machine.bus().ram(pa);
        if (bytes.length > 0 && (ram == null || !ram.contains(pa + bytes.length - 1))) {
            return false;
        }
        if (bytes.length > 0) {
            PhysicalMemory.store(ram, machine.cpu(cpu), pa, bytes, 0, bytes.length, true);
        }
        return true;
    }

    /** {@code type,address,kind}, whatever conditions follow. */
    private String stopPoint(String rest, boolean set) {
        String[] parts = rest.split("[,;]", 4);
        if (parts.length < 3) {
            return MALFORMED;
        }
        int type = Hex.number(parts[0], 15);
        long address = Hex.number(parts[1]);
        int size = Hex.number(parts[2], 4096);
        return debugger.points().change(type, address, size, set) ? OK : UNSUPPORTED;
    }

    // Documents and commands ------------------------------------------------------------------------------------------------------

    /** {@code object:read:annex:offset,length}. */
    private String transfer(String request) {
        String[] parts = request.split(":", -1);
        if (parts.length != 4 || !parts[1].equals("read")) {
            return UNSUPPORTED;
        }
        String document = switch (parts[0]) {
            case "features" -> target.document(parts[2]);
            case "threads" -> threadList();
            default -> "";
        };
        if (document == null) {
            return "E00";
        }
        if (document.isEmpty()) {
            return UNSUPPORTED;
        }
        long[] r = range(parts[3]);
        int from = (int) Math.min(Math.max(0, r[0]), document.length());
        int to = (int) Math.min(from + Math.min(r[1], LONGEST_READ), document.length());
        return (to == document.length() ? "l" : "m") + document.substring(from, to);
    }

    private String command(String hex) {
        String said = monitor.execute(new String(Hex.bytes(hex), StandardCharsets.UTF_8).strip(), machine.cpu(cpu));
        byte[] text = said.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < text.length; at += LONGEST_READ) {
            send("O" + Hex.of(Arrays.copyOfRange(text, at, Math.min(text.length, at + LONGEST_READ))));
        }
        return OK;
    }
}
