/**
 * Virtio 1.1 (OASIS, csprd01) and its legacy interface: split virtqueues, the mmio and PCI transports, and the devices behind them.
 * A request is served at the moment of its notification, so a run stays a function of its inputs and no request is ever half done in
 * a snapshot.
 */
package dev.baton.devices.virtio;
