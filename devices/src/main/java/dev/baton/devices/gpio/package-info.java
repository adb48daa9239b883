/** General-purpose pins. */
package dev.baton.devices.gpio;
