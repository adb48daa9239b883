/** What a device is to the machine: offsets to answer, a line to pull. */
package dev.baton.core.io;
