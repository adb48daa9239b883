package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.baton.core.finding.Finding;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.GenerationReport.Area;
import dev.baton.kernel.chain.BuiltInChains;
import dev.baton.kernel.chain.Outcome;
import dev.baton.kernel.chain.RunResult;
import dev.baton.kernel.chain.Scenario;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;

class Results_of_runs_Test {
    private static final String HOSTILE = "\033[2J<&>\u0000]]>";

    private static RunResult result(RunResult.Verdict verdict, String... failures) {
        Scenario s = Scenario.of(BuiltInChains.read("arm64-kho-three-kernels")).getFirst();
        GenerationReport g = new GenerationReport(1, "first");
        g.banner = "Linux version " + HOSTILE;
        g.entryState.put("x0", 0x48000000L);
        g.loaded.add(new GenerationReport.Segment("kernel", 0x4020_0000L, 0x10_0000L));
        g.areas.add(new Area("kernel", 0x4020_0000L, 0x10_0000L));
        g.areas.add(new Area("scratch 0", 0x5000_0000L, 0x800_0000L));
        g.areas.add(new Area("scratch 1", 0x5800_0000L, 0x800_0000L));
        g.oracleChecked = true;
        Finding f = new Finding("poc-load-of-dirty-line", Finding.Severity.ERROR, "a load saw old bytes", 0, 0x1000, 7,
                Map.of("missing", "DC CVAC"), "DDI 0487");
        return new RunResult(s, verdict, List.of(failures), List.of(new RunResult.Turn(g, List.of(HOSTILE), null, List.of())),
                verdict == RunResult.Verdict.FAILED ? List.of(f) : List.of(), Outcome.Exit.POWER_OFF,
                verdict == RunResult.Verdict.STUCK ? List.of("cpu0 " + HOSTILE) : List.of(), 1_500_000, 10_000_000, 1_000_000, 0);
    }

    private static final List<RunResult> THREE = List.of(result(RunResult.Verdict.PASSED),
            result(RunResult.Verdict.FAILED, "wrong " + HOSTILE),
            result(RunResult.Verdict.SKIPPED, "no Image"));

    @Test
    void are_json_with_one_record_for_each_generation() throws Exception {
        JsonNode root = new ObjectMapper().readTree(Reports.json(THREE));
        assertEquals(1, root.get("version").asInt());
        JsonNode failed = root.get("runs").get(1);
        assertEquals("failed", failed.get("verdict").asText());
        assertEquals("0x48000000", failed.at("/generations/0/entry/x0").asText());
        assertEquals("equal", failed.at("/generations/0/oracle").asText());
        assertEquals("DC CVAC", failed.at("/findings/0/details/missing").asText());
        assertFalse(Reports.json(THREE).contains("nanos"), "host times would make two equal runs differ");
    }

    @Test
    void are_junit_xml_whatever_the_guest_printed() throws Exception {
        Document d = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(Reports.junit(THREE).getBytes(StandardCharsets.UTF_8)));
        assertEquals("3", d.getDocumentElement().getAttribute("tests"));
        assertEquals("1", d.getDocumentElement().getAttribute("failures"));
        assertEquals("1", d.getDocumentElement().getAttribute("skipped"));
        assertEquals(1, d.getElementsByTagName("failure").getLength());
    }

    @Test
    void are_tap() {
        List<String> lines = Reports.tap(THREE).lines().toList();
        assertEquals("TAP version 13", lines.get(0));
        assertEquals("1..3", lines.get(1));
        assertEquals("ok 1 - arm64-kho-three-kernels", lines.get(2));
        assertEquals("not ok 2 - arm64-kho-three-kernels", lines.get(3));
        assertEquals("ok 3 - arm64-kho-three-kernels # SKIP no Image", lines.getLast());
    }

    private static String summary(RunResult r, Style style) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new RunSummary(new PrintStream(out, true, StandardCharsets.UTF_8), style, true).print(r);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void are_text_in_which_the_guest_commands_no_terminal() {
        for (RunResult.Verdict v : RunResult.Verdict.values()) {
            assertFalse(summary(result(v, "wrong " + HOSTILE), Style.PLAIN).contains("\033"));
        }
        assertFalse(summary(result(RunResult.Verdict.PASSED), Style.COLOURED).contains("\033[2J"));
    }

    @Test
    void show_memory_as_letters() {
        MemoryMap map = new MemoryMap(0x4000_0000L, 512L << 20);
        String line = map.line(result(RunResult.Verdict.PASSED).generations().getFirst().report().areas);
        assertEquals("K" + ".".repeat(31) + "S".repeat(32), line);
        assertEquals("K kernel, S scratch, . free", map.legend());
        assertEquals('M', map.line(List.of(new Area("mem_map", 0x4000_0000L, 2), new Area("dtb", 0x4000_1000L, 1))).charAt(0));
        assertEquals('k', map.line(List.of(new Area("next kernel", 0x4000_0000L, 1), new Area("dtb", 0x4000_1000L, 4096))).charAt(0),
                "a kernel is shown however small it is");
        assertEquals(".".repeat(64), map.line(List.of(new Area("elsewhere", 0x8000_0000L, 4096), new Area("empty", 0x4000_0000L, 0))));
    }

    @Test
    void say_how_a_passing_run_went() {
        String text = summary(result(RunResult.Verdict.PASSED), Style.PLAIN);
        assertTrue(text.contains("PASSED: 1.5 M instructions in 0.010 s (150 MIPS)"), text);
        assertTrue(text.contains("findings none"), text);
    }

    @Test
    void are_awaited_with_one_line_of_progress_that_goes_away() {
        Scenario s = Scenario.of(BuiltInChains.read("arm64-kho-three-kernels")).getFirst();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        TerminalProgress progress = new TerminalProgress(new PrintStream(err, true, StandardCharsets.UTF_8));
        progress.at(s, 1, 0, 0, "");
        progress.at(s, 1, 1_000, 1_000, "too soon to show");
        progress.at(s, 2, 8_000_000, 100_000_000, "Bye!" + HOSTILE);
        progress.done();
        progress.at(s, 1, 0, 0, "");
        String erase = "\r\033[K";
        assertEquals(erase + "arm64-kho-three-kernels  generation 1/3  0 instructions  0 MIPS  "
                + erase + "arm64-kho-three-kernels  generation 2/3  8.0 M instructions  80 MIPS  Bye!?[2J<&>?]]>"
                + erase + erase + "arm64-kho-three-kernels  generation 1/3  0 instructions  0 MIPS  ",
                err.toString(StandardCharsets.UTF_8));
    }
}
