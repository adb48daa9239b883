/**
 * The flattened device tree: reader, writer, editor, overlays and source form. Format only; no machine and no kernel is known here.
 */
package dev.baton.core.fdt;
