/** What every device here shares: how a register is read in parts, and how an access to something not modelled is told. */
package dev.baton.devices;
