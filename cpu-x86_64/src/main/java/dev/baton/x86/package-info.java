/** The x86-64 CPU. So far only its contract with the rest: the names of its registers and the state in which long mode is entered. */
package dev.baton.x86;
