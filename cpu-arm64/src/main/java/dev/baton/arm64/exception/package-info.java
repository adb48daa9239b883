/** Taking exceptions and interrupts, and returning from them. */
package dev.baton.arm64.exception;
