/** IEEE 754 arithmetic as the Arm ARM defines it (shared/functions/float): bit patterns in, bit patterns and FPSR flags out. */
package dev.baton.arm64.fp;
