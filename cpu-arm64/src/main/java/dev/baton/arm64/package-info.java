/** The AArch64 CPU: its state and how it meets the machine. Knows no operating system. */
package dev.baton.arm64;
