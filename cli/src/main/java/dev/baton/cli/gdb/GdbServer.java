package dev.baton.cli.gdb;

import dev.baton.cli.console.HostInput;
import dev.baton.cli.console.Inbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Listens on the loopback interface for one debugger at a time. */
public final class GdbServer implements AutoCloseable {
    private final ServerSocket socket;
    private final Inbox inbox;
    private final GdbStub stub;
    /** The connection in use; on the machine's thread. */
    private Socket current;

    /**
     * @param port 0 for any that is free
     * @throws IOException if nobody may listen there
     */
    public GdbServer(int port, Inbox inbox, GdbStub stub) throws IOException {
        this.inbox = inbox;
        this.stub = stub;
        socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("gdb server").start(this::listen);
    }

    public int port() {
        return socket.getLocalPort();
    }

    private void listen() {
        try {
            while (true) {
                Socket s = socket.accept();
                inbox.post(() -> connected(s));
            }
        } catch (IOException e) {
            // Closed: the run is over.
        }
    }

    private void connected(Socket s) {
        if (current != null) {
            close(s);
            return;
        }
        try {
            s.setTcpNoDelay(true);
            InputStream in = s.getInputStream();
            OutputStream out = s.getOutputStream();
            current = s;
            stub.attach(bytes -> send(out, bytes));
            HostInput[] input = new HostInput[1];
            input[0] = new HostInput(in, inbox, bytes -> {
                input[0].consumed(bytes.length);
                stub.received(bytes);
            }, () -> lost(s));
            input[0].start();
        } catch (IOException e) {
            lost(s);
        }
    }

    private static void send(OutputStream out, byte... bytes) {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            // The reader will find out too, and say so.
        }
    }

    private void lost(Socket s) {
        close(s);
        if (current == s) {
            current = null;
            stub.lost();
        }
    }

    private static void close(Socket s) {
        try {
            s.close();
        } catch (IOException e) {
            // Then it is as good as closed.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        if (current != null) {
            close(current);
        }
    }
}
