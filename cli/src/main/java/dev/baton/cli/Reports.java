package dev.baton.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.baton.core.finding.Finding;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.chain.Kebab;
import dev.baton.kernel.chain.RunResult;

import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Results for programs: JSON (version 1), JUnit XML, TAP version 13. Host times are in none of them but JUnit's {@code time}. */
final class Reports {
    private static final int JSON_VERSION = 1;

    private Reports() { }

    static String json(List<RunResult> results) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("version", JSON_VERSION);
        ArrayNode runs = root.putArray("runs");
        results.forEach(r -> run(runs.addObject(), r));
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(root) + "\n";
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(ObjectNode o, RunResult r) {
        o.put("chain", r.scenario().name());
        o.put("verdict", Kebab.text(r.verdict()));
        o.put("exit", r.exit() == null ? null : Kebab.text(r.exit()));
        o.put("instructions", r.instructions());
        texts(o.putArray("failures"), r.failures());
        texts(o.putArray("stuck"), r.stuck());
        ArrayNode generations = o.putArray("generations");
        r.generations().forEach(t -> turn(generations.addObject(), t));
        ArrayNode findings = o.putArray("findings");
        r.findings().forEach(f -> finding(findings.addObject(), f));
    }

    private static void texts(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }

    private static void turn(ObjectNode o, RunResult.Turn t) {
        GenerationReport g = t.report();
        o.put("number", g.number).put("kernel", g.kernel).put("banner", g.banner).put("instructions", g.instructions);
        ObjectNode entry = o.putObject("entry");
        g.entryState.forEach((name, value) -> entry.put(name, "0x" + Long.toHexString(value)));
        o.put("kho", g.khoIncoming.isEmpty() ? "none" : g.khoIncoming);
        o.put("folios-restored", g.foliosRestored).put("folios-preserved", g.foliosPreserved);
        ArrayNode segments = o.putArray("segments");
        g.loaded.forEach(s -> segments.addObject().put("label", s.label()).put("address", "0x" + Long.toHexString(s.address()))
                .put("size", s.size()));
        o.put("oracle", !g.oracleChecked ? "unchecked" : g.oracleDifferences.isEmpty() ? "equal" : "different");
        texts(o.putArray("oracle-differences"), g.oracleDifferences);
        texts(o.putArray("errors"), g.errors);
        texts(o.putArray("console"), t.console());
    }

    private static void finding(ObjectNode o, Finding f) {
        o.put("rule", f.rule()).put("severity", Kebab.text(f.severity())).put("what", f.what());
        o.put("cpu", f.cpu()).put("pc", "0x" + Long.toHexString(f.pc())).put("time", f.time());
        ObjectNode details = o.putObject("details");
        f.details().forEach(details::put);
        o.put("source", f.source());
    }

    static String tap(List<RunResult> results) {
        StringBuilder s = new StringBuilder("TAP version 13\n1.." + results.size() + "\n");
        for (int i = 0; i < results.size(); i++) {
            RunResult r = results.get(i);
            boolean ok = r.verdict().exitCode() == 0;
            s.append(ok ? "ok " : "not ok ").append(i + 1).append(" - ").append(r.scenario().name());
            if (r.verdict() == RunResult.Verdict.SKIPPED) {
                s.append(" # SKIP ").append(GuestText.printable(r.failures().getFirst()));
            }
            s.append('\n');
            if (!ok) {
                r.failures().forEach(f -> s.append("# ").append(GuestText.printable(f)).append('\n'));
                r.stuck().forEach(f -> s.append("# ").append(GuestText.printable(f)).append('\n'));
            }
        }
        return s.toString();
    }

    static String junit(List<RunResult> results) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter x = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            x.writeStartDocument("UTF-8", "1.0");
            x.writeStartElement("testsuite");
            x.writeAttribute("name", "baton");
            x.writeAttribute("tests", String.valueOf(results.size()));
            x.writeAttribute("failures", String.valueOf(results.stream().filter(r -> r.verdict().exitCode() != 0).count()));
            x.writeAttribute("skipped", String.valueOf(results.stream().filter(r -> r.verdict() == RunResult.Verdict.SKIPPED).count()));
            for (RunResult r : results) {
                testCase(x, r);
            }
            x.writeEndElement();
            x.writeEndDocument();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return text + "\n";
    }

    private static void testCase(XMLStreamWriter x, RunResult r) throws XMLStreamException {
        x.writeStartElement("testcase");
        x.writeAttribute("classname", "baton.chain");
        x.writeAttribute("name", r.scenario().name());
        x.writeAttribute("time", String.format(Locale.ROOT, "%.3f", r.nanos() / 1e9));
        if (r.verdict() == RunResult.Verdict.SKIPPED) {
            x.writeEmptyElement("skipped");
            x.writeAttribute("message", r.failures().getFirst());
        } else if (r.verdict().exitCode() != 0) {
            x.writeStartElement("failure");
            x.writeAttribute("type", Kebab.text(r.verdict()));
            x.writeAttribute("message", xmlText(r.failures().isEmpty() ? "" : r.failures().getFirst()));
            x.writeCharacters(xmlText(String.join("\n", r.failures()) + "\n" + String.join("\n", r.stuck())));
            x.writeEndElement();
        }
        x.writeEndElement();
    }

    /** XML 1.0 has no word for most control characters, which a guest may print. */
    private static String xmlText(String text) {
        return text.replaceAll("[^\\x09\\x0a\\x0d\\x20-\\ud7ff\\ue000-\\ufffd]", "?");
    }
}
