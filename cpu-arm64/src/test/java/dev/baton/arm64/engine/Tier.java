package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Translation;

/** The ways to execute the same instructions, each with the same outcome. */
public enum Tier {
    STEPPER, T0, T1;

    public Arm64Config of(Arm64Config c) {
        return c.withStepper(this == STEPPER).withTranslation(this == T1 ? Translation.ALWAYS : Translation.NEVER);
    }
}
