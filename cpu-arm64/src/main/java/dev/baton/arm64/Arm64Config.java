package dev.baton.arm64;

import dev.baton.core.cpu.FirmwareCalls;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.cpu.SystemRegisterPort;
import dev.baton.core.io.InterruptLine;

import java.util.Map;

/**
 * How one CPU is made and wired.
 *
 * @param model      CPU model: which ID registers it shows
 * @param firmware   answers HVC and SMC before the architecture does
 * @param modelCalls answers {@code HLT #imm}
 * @param gic        system registers that live in the interrupt controller
 * @param interrupts where the interrupt outputs lead: the timers {@code cntp}, {@code cntv}, {@code cnthp}, {@code cnthv},
 *                   {@code cntps}, and {@code pmu}; absent ones lead nowhere
 * @param el2        EL2 is implemented
 * @param el3        EL3 is implemented
 * @param idioms     recognised copy, fill and maintenance loops run as bulk operations
 * @param stepper    instructions run one at a time, each reported to the trace
 * @param seed       of the random numbers of RNDR
 * @param translation when hot blocks become bytecode
 */
public record Arm64Config(String model, FirmwareCalls firmware, ModelCalls modelCalls, SystemRegisterPort gic,
                          Map<String, InterruptLine> interrupts, boolean el2, boolean el3, boolean idioms, boolean stepper,
                          long seed, Translation translation) {
    public Arm64Config {
        interrupts = Map.copyOf(interrupts);
    }

    /** The default model with EL2, idioms on, nothing wired. */
    public static Arm64Config defaults() {
        return new Arm64Config("baton-v8", FirmwareCalls.NONE, ModelCalls.NONE, SystemRegisterPort.NONE, Map.of(), true, false, true,
                false, 0, Translation.HOT);
    }

    /** @param name one of {@link dev.baton.arm64.sysreg.CpuModel#names} */
    public Arm64Config withModel(String name) {
        return new Arm64Config(name, firmware, modelCalls, gic, interrupts, el2, el3, idioms, stepper, seed, translation);
    }

    public Arm64Config withFirmware(FirmwareCalls f) {
        return new Arm64Config(model, f, modelCalls, gic, interrupts, el2, el3, idioms, stepper, seed, translation);
    }

    public Arm64Config withModelCalls(ModelCalls m) {
        return new Arm64Config(model, firmware, m, gic, interrupts, el2, el3, idioms, stepper, seed, translation);
    }

    public Arm64Config withGic(SystemRegisterPort g, Map<String, InterruptLine> lines) {
        return new Arm64Config(model, firmware, modelCalls, g, lines, el2, el3, idioms, stepper, seed, translation);
    }

    public Arm64Config withLevels(boolean withEl2, boolean withEl3) {
        return new Arm64Config(model, firmware, modelCalls, gic, interrupts, withEl2, withEl3, idioms, stepper, seed, translation);
    }

    public Arm64Config withIdioms(boolean on) {
        return new Arm64Config(model, firmware, modelCalls, gic, interrupts, el2, el3, on, stepper, seed, translation);
    }

    public Arm64Config withStepper(boolean on) {
        return new Arm64Config(model, firmware, modelCalls, gic, interrupts, el2, el3, idioms, on, seed, translation);
    }

    public Arm64Config withSeed(long s) {
        return new Arm64Config(model, firmware, modelCalls, gic, interrupts, el2, el3, idioms, stepper, s, translation);
    }

    public Arm64Config withTranslation(Translation when) {
        return new Arm64Config(model, firmware, modelCalls, gic, interrupts, el2, el3, idioms, stepper, seed, when);
    }
}
