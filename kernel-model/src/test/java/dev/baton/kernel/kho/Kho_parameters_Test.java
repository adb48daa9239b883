package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.kernel.Era;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

class Kho_parameters_Test {
    private final List<String> log = new ArrayList<>();

    private KhoParameters parse(String bootargs, Era era) {
        return KhoParameters.parse(bootargs, false, era, log::add);
    }

    @Test
    void scratch_is_twice_what_the_kernel_reserved_unless_told_otherwise() {
        assertEquals(new KhoParameters(false, 200, 0, 0, 0), parse("console=ttyAMA0", Era.V7_2));
        assertEquals(new KhoParameters(true, 300, 0, 0, 0), parse("kho=on kho_scratch=300%", Era.V7_2));
        assertEquals(List.of("KHO: scratch scale is 300%"), log);
    }

    @Test
    void three_sizes_switch_scaling_off() {
        assertEquals(new KhoParameters(true, 0, 16 << 20, 512 << 10, 1L << 30), parse("kho=1 kho_scratch=16M,512K,1G", Era.V7_2));
        assertEquals(List.of("KHO: scratch areas: lowmem: 16MiB global: 0MiB pernode: 1024MiB"), log);
        assertEquals(0x1000, parse("kho_scratch=0x1000,1,1", Era.V7_2).lowmem());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "%", "x%", "12345678901%", "4294967296%", "1M", "1M,2M", "1M,2M,", "1M,,3M", "0,0,0", "1M,2M,3Mx",
            "1M,2M,3M,4M", "M,1,1"})
    void what_7_2_cannot_read_whole_changes_nothing(String value) {
        assertEquals(KhoParameters.defaults(true), parse("kho=y kho_scratch=" + value, Era.V7_2));
        assertEquals(List.of("Malformed early option 'kho_scratch'"), log);
    }

    @Test
    void in_6_16_each_size_must_not_be_zero_in_7_2_their_sum() {
        assertEquals(0, parse("kho_scratch=1M,0,1M", Era.V7_2).scale());
        assertEquals(200, parse("kho_scratch=1M,0,1M", Era.V6_16).scale());
        assertEquals(0, parse("kho_scratch=1M,2M,3Mx", Era.V6_16).scale());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "n", "off", "No"})
    void kho_can_be_switched_off(String value) {
        assertEquals(false, KhoParameters.parse("kho=" + value, true, Era.V7_2, log::add).enabled());
    }

    @Test
    void a_word_that_is_no_truth_value_is_malformed() {
        assertEquals(true, KhoParameters.parse("kho=maybe", true, Era.V7_2, log::add).enabled());
        assertEquals(List.of("Malformed early option 'kho'"), log);
    }
}
