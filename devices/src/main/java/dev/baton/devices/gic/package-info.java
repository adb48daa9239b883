/**
 * The interrupt controllers: GICv3 (distributor, redistributors, the CPU interface behind the ICC_* system registers, LPIs and ITS; with
 * one Security state) and GICv2 (distributor, memory-mapped CPU interfaces, a v2m frame). Section numbers without a document are those of
 * the GIC architecture specification, Arm IHI 0069; in classes of the GICv2, of IHI 0048B.
 */
package dev.baton.devices.gic;
