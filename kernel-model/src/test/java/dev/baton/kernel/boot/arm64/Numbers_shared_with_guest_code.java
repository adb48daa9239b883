package dev.baton.kernel.boot.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.images.guest.GuestKernel;
import dev.baton.images.guest.KimageLayout;
import dev.baton.kernel.kexec.KexecConstants;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class Numbers_shared_with_guest_code {
    private static final Map<String, Long> ABI = new HashMap<>();

    @BeforeAll
    static void read() throws IOException {
        Path file = Path.of(System.getProperty("baton.root", ".."), "images/src/main/guest/arm64/abi.inc");
        Pattern equ = Pattern.compile("\\.equ (\\w+),\\s+(0x[0-9a-f]+|\\d+)(?!\\w)(?!\\s*<<)");
        for (String line : Files.readAllLines(file)) {
            Matcher m = equ.matcher(line);
            if (m.find()) {
                String v = m.group(2);
                ABI.put(m.group(1), v.startsWith("0x") ? Long.parseUnsignedLong(v.substring(2), 16) : Long.parseLong(v));
            }
        }
    }

    private static void same(String name, long value) {
        assertEquals(ABI.get(name), Long.valueOf(value), name);
    }

    @Test
    void are_the_same_for_entries_of_the_page_list() {
        assertEquals(KexecConstants.IND_DESTINATION, 1L << ABI.get("IND_DESTINATION_BIT"));
        assertEquals(KexecConstants.IND_INDIRECTION, 1L << ABI.get("IND_INDIRECTION_BIT"));
        assertEquals(KexecConstants.IND_DONE, 1L << ABI.get("IND_DONE_BIT"));
        assertEquals(KexecConstants.IND_SOURCE, 1L << ABI.get("IND_SOURCE_BIT"));
    }

    @Test
    void are_the_same_for_struct_kern_reloc_arg() {
        same("RELOC_ARG_HEAD", KimageLayout.RELOC_ARG_HEAD);
        same("RELOC_ARG_ENTRY", KimageLayout.RELOC_ARG_ENTRY);
        same("RELOC_ARG_ARG0", KimageLayout.RELOC_ARG_ARG0);
        same("RELOC_ARG_ARG2", KimageLayout.RELOC_ARG_SIZE - 16);
    }

    @Test
    void are_the_same_for_mailboxes_and_stacks_of_secondary_cpus() {
        assertEquals(Smp.MAILBOX, 1 << ABI.get("MAILBOX_SHIFT"));
        same("MAILBOX_COMMAND", 0);
        same("MAILBOX_ONLINE", Smp.MAILBOX_ONLINE);
        same("COMMAND_OFFLINE", Smp.COMMAND_OFFLINE);
        same("MAX_CPUS", Smp.MAX_CPUS);
        same("STACK_SIZE", Smp.STACK_SIZE);
        assertEquals((long) Smp.MAX_CPUS * Smp.STACK_SIZE, GuestKernel.symbol("mailboxes") - GuestKernel.symbol("boot_stacks"));
    }

    @Test
    void are_the_same_for_the_virtual_address_of_the_image() {
        same("KIMAGE_VADDR", KernelLayout.KIMAGE_VADDR);
        same("PAGE_SIZE", KernelLayout.PAGE);
    }
}
