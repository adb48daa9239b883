/** The Performance Monitors Extension of one CPU: instructions counted, by exception level. */
package dev.baton.arm64.pmu;
