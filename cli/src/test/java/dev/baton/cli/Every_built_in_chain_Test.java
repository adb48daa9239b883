package dev.baton.cli;

import dev.baton.kernel.chain.BuiltInChains;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.stream.Stream;

class Every_built_in_chain_Test {
    @TestFactory
    Stream<DynamicTest> does_what_it_says() {
        return BuiltInChains.names().stream().flatMap(name -> ChainTests.of(BuiltInChains.read(name)));
    }
}
