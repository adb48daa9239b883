package dev.baton.images.arm64;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.images.ImageFile;

import java.io.IOException;
import java.nio.file.Path;

/** gzip(1), another implementation than the one under test. */
final class Gzip {
    private Gzip() {
    }

    /** {@code gzip -1 -c FILE}; skips the test where there is no gzip. */
    static ImageFile of(ImageFile file, Path path) throws IOException, InterruptedException {
        Process p;
        try {
            p = new ProcessBuilder("gzip", "-1", "-c", path.toString()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            assumeTrue(false, "no gzip on this machine");
            throw e;
        }
        byte[] out = p.getInputStream().readAllBytes();
        if (p.waitFor() != 0) {
            throw new IOException("gzip failed on " + path);
        }
        return ImageFile.of(file.name() + ".gz", out);
    }
}
