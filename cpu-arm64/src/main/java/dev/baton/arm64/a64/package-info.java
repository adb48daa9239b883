/** The A64 instructions, one class per encoding group of the Arm ARM. */
package dev.baton.arm64.a64;
