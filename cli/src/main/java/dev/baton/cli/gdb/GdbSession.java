package dev.baton.cli.gdb;

import dev.baton.cli.console.Inbox;
import dev.baton.core.machine.Machine;

import java.io.IOException;
import java.util.function.Supplier;

/** A machine open to debuggers, from before its first instruction until it ends. */
public final class GdbSession implements AutoCloseable {
    private final Debugger debugger;
    private final GdbStub stub;
    private final GdbServer server;

    /**
     * @param port   on the loopback interface; 0 for any
     * @param held   nothing runs before a debugger says so
     * @param stage  one line that says which kernel runs
     * @param quit   ends the run, when a debugger kills it
     * @throws IOException if nobody may listen on that port
     */
    public GdbSession(Machine machine, Inbox inbox, int port, boolean held, Supplier<String> stage, Runnable quit) throws IOException {
        debugger = new Debugger(machine, inbox, held);
        Target target = new Arm64Target(machine.cpu(0));
        stub = new GdbStub(debugger, target, new MonitorCommands(machine, target, stage), () -> {
            debugger.end();
            quit.run();
        });
        server = new GdbServer(port, inbox, stub);
    }

    public int port() {
        return server.port();
    }

    /** Between slices, and before the first. Comes back when the machine may go on. */
    public Debugger debugger() {
        return debugger;
    }

    /** The machine will not run any more. */
    public void ended(int status) {
        stub.exited(status);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
