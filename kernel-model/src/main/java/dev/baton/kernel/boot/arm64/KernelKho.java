package dev.baton.kernel.boot.arm64;

import dev.baton.kernel.Era;
import dev.baton.kernel.kho.Kho;
import dev.baton.kernel.kho.KhoParameters;
import dev.baton.kernel.kho.KhoV1;
import dev.baton.kernel.kho.KhoV4;
import dev.baton.kernel.kho.NoKho;

/** Which handover format a kernel has. */
final class KernelKho {
    private KernelKho() {
    }

    /** @param bootargs may say {@code kho=} and {@code kho_scratch=}; eras with KHO have it on by default */
    static Kho of(Kernel kernel, String bootargs) {
        Era era = kernel.spec.era();
        return switch (era.kho()) {
            case Era.KhoAbi.NONE -> new NoKho();
            case Era.KhoAbi.KHO_V1 -> new KhoV1(kernel, parameters(kernel, bootargs));
            case Era.KhoAbi.KHO_V4 -> new KhoV4(kernel, parameters(kernel, bootargs), era.toString(), true);
        };
    }

    private static KhoParameters parameters(Kernel kernel, String bootargs) {
        return KhoParameters.parse(bootargs, true, kernel.spec.era(), kernel::printk);
    }
}
