/** Flash memory that firmware lies in. */
package dev.baton.devices.flash;
