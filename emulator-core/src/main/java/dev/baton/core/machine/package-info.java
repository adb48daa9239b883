/** The machine as a whole: its CPUs in seeded turn, launch plans, snapshots. */
package dev.baton.core.machine;
