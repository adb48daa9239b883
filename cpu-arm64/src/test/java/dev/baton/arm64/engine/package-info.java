/** The run loop, its slices and what models ask of it, the memory slow path, and the bulk idioms. */
package dev.baton.arm64.engine;
