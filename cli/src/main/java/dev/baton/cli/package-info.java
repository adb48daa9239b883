/** The {@code baton} command: parses a command line, calls the rooms that do the work, prints what they say. */
package dev.baton.cli;
