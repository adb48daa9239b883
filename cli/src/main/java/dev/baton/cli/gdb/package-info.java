/** GDB's remote serial protocol: packets, the stub over a machine's CPUs, and what arm64 looks like to a debugger. */
package dev.baton.cli.gdb;
