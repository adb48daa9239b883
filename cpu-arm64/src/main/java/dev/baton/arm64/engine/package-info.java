/** Fetch, decoded blocks, the run loop and the memory slow path. */
package dev.baton.arm64.engine;
