/** Real-time clocks, told the time by the machine's virtual clock. */
package dev.baton.devices.rtc;
