package dev.baton.kernel.kexec;

import dev.baton.kernel.Era;
import dev.baton.kernel.Quirk;

import java.util.Set;

/**
 * What the running kernel is and what it lets its caller do.
 *
 * @param bootDtb      physical address of the tree this kernel was started with ({@code initial_boot_params})
 * @param capSysBoot   the caller has CAP_SYS_BOOT
 * @param loadDisabled sysctl kernel.kexec_load_disabled
 * @param rngReady     {@code rng_is_initialized()}
 */
public record KexecSettings(Era era, Set<Quirk> quirks, long bootDtb, boolean capSysBoot, boolean loadDisabled, boolean rngReady) {
    public KexecSettings {
        quirks = Set.copyOf(quirks);
    }

    /** root on a kernel whose random numbers are ready. */
    public static KexecSettings of(Era era, Set<Quirk> quirks, long bootDtb) {
        return new KexecSettings(era, quirks, bootDtb, true, false, true);
    }

    public boolean has(Quirk quirk) {
        return quirks.contains(quirk);
    }
}
