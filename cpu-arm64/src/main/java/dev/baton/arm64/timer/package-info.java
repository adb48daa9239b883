/** The generic timers of one CPU. */
package dev.baton.arm64.timer;
