/** Serial ports: bytes to a sink on the host, bytes from the host into a queue. */
package dev.baton.devices.uart;
