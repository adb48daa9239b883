/** The machine without an architecture: memory and its views, bus, CPU contract, time, findings, traces, device trees. */
package dev.baton.core;
