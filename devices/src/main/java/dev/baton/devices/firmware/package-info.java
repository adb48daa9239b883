/** What runs below the kernel: PSCI behind HVC or SMC, and the spin-table pen. */
package dev.baton.devices.firmware;
