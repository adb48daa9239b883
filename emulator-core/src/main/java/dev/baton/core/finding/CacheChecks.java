package dev.baton.core.finding;

import dev.baton.core.machine.Machine;
import dev.baton.core.mem.Accessor;
import dev.baton.core.mem.MemoryChecks;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The cache rules: what {@link Ram} noticed, as findings. A correct kernel breaks none of them under any cache policy.
 *
 * <ul>
 * <li>{@code poc-load-of-dirty-line}: a load past the caches of bytes whose newer value was never cleaned.
 * <li>{@code poc-fetch-of-dirty-line}: the same for an instruction fetch.
 * <li>{@code walk-reads-dirty-descriptor}: the same for a translation table walk.
 * <li>{@code cached-load-of-stale-line}: a cacheable load of a line that memory was changed under.
 * <li>{@code write-back-over-poc-store}: a clean that overwrote what was stored past the caches.
 * </ul>
 *
 * An instruction that breaks a rule all over the same 2 MiB is reported once there.
 */
public final class CacheChecks implements MemoryChecks {
    public static final String LOAD = "poc-load-of-dirty-line";
    public static final String FETCH = "poc-fetch-of-dirty-line";
    public static final String WALK = "walk-reads-dirty-descriptor";
    public static final String STALE_LOAD = "cached-load-of-stale-line";
    public static final String WRITE_BACK = "write-back-over-poc-store";

    private static final String MISMATCH = "Arm ARM DDI 0487, Mismatched memory attributes: coherency needs a clean by address to "
            + "the PoC between the cacheable store and the non-cacheable access";
    private static final String BOOTING = "Linux Documentation/arch/arm64/booting.rst: what is accessed with the MMU off \"must be "
            + "cleaned to the PoC\"";
    private static final String WALKS = "Arm ARM DDI 0487, TCR_ELx.{IRGN,ORGN}: a walk reads memory with these attributes, tables "
            + "written cacheable must be cleaned to the PoC for a non-cacheable walk";
    private static final String STALE = "Arm ARM DDI 0487, Mismatched memory attributes: lines that may be cached must be "
            + "invalidated by address after a non-cacheable store, before they are read cacheable";
    private static final String OVERWRITE = "Arm ARM DDI 0487, Mismatched memory attributes: a line that may be dirty must be "
            + "cleaned or invalidated before memory is written past the caches";

    private static final long NEIGHBOURHOOD = ~((2L << 20) - 1);
    private static final HexFormat HEX = HexFormat.of();

    private final Machine machine;
    private final Ram ram;

    private CacheChecks(Machine machine, Ram ram) {
        this.machine = machine;
        this.ram = ram;
    }

    /** Puts the checks on every RAM bank of the machine; they report to {@link Machine#findings}. */
    public static void install(Machine machine) {
        for (Ram ram : machine.bus().banks()) {
            ram.checks(new CacheChecks(machine, ram));
        }
    }

    @Override
    public void pocReadOfDirtyLine(Accessor who, long pa, int size, long cached, long poc, boolean fetch) {
        String rule = who.tableWalk() ? WALK : fetch ? FETCH : LOAD;
        String what = switch (rule) {
            case WALK -> "a translation table walk past the caches read a descriptor whose newer value was never cleaned to memory";
            case FETCH -> "an instruction was fetched past the caches from a line whose newer bytes were never cleaned to memory";
            default -> "a load past the caches read bytes whose newer value was never cleaned to memory";
        };
        String source = switch (rule) {
            case WALK -> WALKS;
            case FETCH -> BOOTING + "; " + MISMATCH;
            default -> MISMATCH + "; " + BOOTING;
        };
        report(rule, who, pa, size, cached, poc, what, source);
    }

    @Override
    public void cachedReadOfStaleLine(Accessor who, long pa, int size, long cached, long poc) {
        report(STALE_LOAD, who, pa, size, cached, poc,
                "a cacheable load read a line that memory was changed under and that was never invalidated", STALE);
    }

    @Override
    public void writeBackOverPocStore(Accessor who, long line, byte[] cached, byte[] poc) {
        if (known(WRITE_BACK, who, line)) {
            return;
        }
        Map<String, String> details = place(who, line, Ram.LINE);
        details.put("cached line", HEX.formatHex(cached));
        details.put("poc line", HEX.formatHex(poc));
        add(WRITE_BACK, who, line, "a clean wrote a line over bytes that had been stored past the caches", details, OVERWRITE);
    }

    private void report(String rule, Accessor who, long pa, int size, long cached, long poc, String what, String source) {
        if (known(rule, who, pa)) {
            return;
        }
        Map<String, String> details = place(who, pa, size);
        if (rule.equals(FETCH)) {
            details.put("va", "0x" + Long.toHexString(who.pc() & -4096L | pa & 4095));
        }
        details.put("cached", hex(cached, size));
        details.put("poc", hex(poc, size));
        details.put("cached line", line(pa, View.CACHED));
        details.put("poc line", line(pa, View.POC));
        add(rule, who, pa, what, details, source);
    }

    private static Map<String, String> place(Accessor who, long pa, int size) {
        Map<String, String> details = new LinkedHashMap<>();
        if (who.virtualAddress() != 0) {
            details.put("va", "0x" + Long.toHexString(who.virtualAddress()));
        }
        details.put("pa", "0x" + Long.toHexString(pa));
        details.put("size", Integer.toString(size));
        if (!who.activity().isEmpty()) {
            details.put("activity", who.activity());
        }
        return details;
    }

    private static String key(String rule, Accessor who, long pa) {
        return rule + " cpu" + who.index() + " " + Long.toHexString(who.pc()) + " " + Long.toHexString(pa & NEIGHBOURHOOD);
    }

    /** Counts the repetition of a known finding without gathering its facts again. */
    private boolean known(String rule, Accessor who, long pa) {
        String key = key(rule, who, pa);
        if (!machine.findings().reported(key)) {
            return false;
        }
        machine.findings().report(key, null);
        return true;
    }

    private void add(String rule, Accessor who, long pa, String what, Map<String, String> details, String source) {
        machine.findings().report(key(rule, who, pa), new Finding(rule, Finding.Severity.ERROR, what, who.index(), who.pc(),
                machine.clock().now(), details, source));
    }

    private String line(long pa, View view) {
        byte[] bytes = new byte[Ram.LINE];
        ram.peek(pa & -Ram.LINE, bytes, 0, Ram.LINE, view);
        return HEX.formatHex(bytes);
    }

    private static String hex(long v, int size) {
        return "0x" + HEX.toHexDigits(v, 2 * size);
    }
}
