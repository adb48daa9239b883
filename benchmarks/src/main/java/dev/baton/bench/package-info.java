/** JMH benchmarks of what the design promises a speed for. Nothing depends on this room. */
package dev.baton.bench;
