/**
 * The GICv3: distributor, redistributors and the CPU interface behind the ICC_* system registers, with one Security state.
 * Section numbers are those of the GIC architecture specification, Arm IHI 0069.
 */
package dev.baton.devices.gic;
