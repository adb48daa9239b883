/** Watching a run: event sinks and the hash by which two runs are compared. */
package dev.baton.core.trace;
