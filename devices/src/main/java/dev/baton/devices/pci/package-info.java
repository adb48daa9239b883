/**
 * Conventional PCI functions on the root bus of a generic ECAM host: PCI Local Bus Specification 3.0 ("PCI"), PCI Express Base
 * Specification 4.0 ("PCIe"), and the binding {@code pci-host-ecam-generic}. One bus; there are no bridges behind which others
 * could be.
 */
package dev.baton.devices.pci;
