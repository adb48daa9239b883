/** Guest memory: raw host access, the two views of RAM, the cache policies that relate them, the bus and the software TLB. */
package dev.baton.core.mem;
