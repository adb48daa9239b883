/** Whole machines put together: where the devices of {@code virt} lie, how they are wired, and the device tree that says so. */
package dev.baton.devices.board;
