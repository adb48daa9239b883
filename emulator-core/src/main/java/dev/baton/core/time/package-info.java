/** Virtual time, counted in instructions, and the deadlines devices set on it. */
package dev.baton.core.time;
