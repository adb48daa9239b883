/** Findings: what a check saw, where, who did it, and the rule it breaks. */
package dev.baton.core.finding;
