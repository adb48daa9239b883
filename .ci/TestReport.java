import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Sums up Surefire's XML reports below a directory: each test that was skipped or failed, then one line of counts. Ends with 1
 * if a test failed, if there was none, or, with CI=true, if one was skipped.
 */
final class TestReport {
    private static final String UNKNOWN = "no reason given";

    private final List<String> skipped = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private double seconds;
    private int tests;
    private int reports;

    public static void main(String[] arguments) throws IOException, XMLStreamException {
        TestReport report = new TestReport();
        try (Stream<Path> modules = Files.list(Path.of(arguments[0]))) {
            for (Path module : modules.sorted().toList()) {
                report.module(module.resolve("target").resolve("surefire-reports"));
            }
        }
        System.exit(report.print("true".equals(System.getenv("CI"))));
    }

    private void module(Path directory) throws IOException, XMLStreamException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(f -> f.getFileName().toString().matches("TEST-.*\\.xml")).sorted().toList()) {
                try (InputStream in = Files.newInputStream(file)) {
                    read(in);
                }
            }
        }
    }

    private void read(InputStream in) throws XMLStreamException {
        reports++;
        XMLInputFactory factory = XMLInputFactory.newInstance();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        XMLStreamReader xml = factory.createXMLStreamReader(in);
        String test = "";
        while (xml.hasNext()) {
            if (xml.next() == XMLStreamConstants.START_ELEMENT) {
                switch (xml.getLocalName()) {
                    case "testcase" -> {
                        tests++;
                        test = xml.getAttributeValue(null, "classname") + ": " + xml.getAttributeValue(null, "name");
                        seconds += Double.parseDouble(xml.getAttributeValue(null, "time").replace(",", ""));
                    }
                    case "skipped" -> skipped.add(test + ": " + message(xml));
                    case "failure", "error" -> failed.add(test + ": " + message(xml));
                    default -> { }
                }
            }
        }
    }

    private static String message(XMLStreamReader xml) {
        String message = xml.getAttributeValue(null, "message");
        return message == null || message.isBlank() ? UNKNOWN : message.lines().findFirst().orElse(UNKNOWN);
    }

    private int print(boolean ci) {
        failed.forEach(f -> System.out.println("FAILED  " + f));
        skipped.forEach(s -> System.out.println("SKIPPED " + s));
        System.out.printf("%d tests in %d classes, %d failed, %d skipped, %.1f s in tests%n", tests, reports, failed.size(), skipped.size(),
                seconds);
        boolean ok = tests > 0 && failed.isEmpty() && (!ci || skipped.isEmpty());
        return ok ? 0 : 1;
    }
}
