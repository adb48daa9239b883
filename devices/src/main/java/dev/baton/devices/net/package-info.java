/**
 * What is at the other end of a network device's wire. Nothing here leaves the machine: a run that talked to the world would no longer
 * be a function of its inputs.
 */
package dev.baton.devices.net;
