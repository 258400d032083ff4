import Testing

@testable import ChatMetrics

@Suite struct ScrapeTests {
    @Test(arguments: ExpositionFormat.allCases)
    func readsWhatIsRendered(format: ExpositionFormat) throws {
        let scrape = try MetricsScrape.parse(registryOfEveryKind().text(format))
        #expect(scrape.value("chat_messages_received_total") == 3)
        #expect(scrape.value("chat_connections") == 7)
        #expect(scrape.value("chat_build_info", ["instance": "a\\b \"c\"\nd"]) == 1)
        #expect(scrape.value("chat_sent_bytes_total") == 12_345.5)
        let family = format == .openMetrics ? "chat_errors" : "chat_errors_total"
        #expect(scrape.types[family] == "counter")
        #expect(scrape.help[family] == "Errors by stage.")
        #expect(scrape.help["chat_build_info"] == "The build; a \"quoted\" \\ and\na second line.")
        let one = format == .openMetrics ? "1.0" : "1"
        #expect(scrape.value("chat_delivery_duration_seconds_bucket", ["path": "local", "le": one]) == 1)
        #expect(scrape.value("chat_delivery_duration_seconds_bucket", ["le": "+Inf"]) == 2)
        #expect(scrape.value("chat_delivery_duration_seconds_count") == 2)
        #expect(scrape.value("chat_delivery_duration_seconds_sum") == 20.0003)
        #expect(scrape.types["chat_declared_seconds"] == "histogram")
    }

    @Test func readsWhatOthersWrite() throws {
        let text = """
            # a comment
            #HELP x tight

            \tx { a = "1" , b="}," , } 1.5e3 1395066363000\r
            x{} +Inf
            y NaN
            z -Inf # {trace_id="abc"} 0.5 1520879607.789
            z{le="1"} 0x1p-2 123.5 # {} 1
            # UNIT z seconds
            # TYPE z untyped
            """
        let scrape = try MetricsScrape.parse(text)
        #expect(scrape.samples.map(\.name) == ["x", "x", "y", "z", "z"])
        #expect(scrape.samples[0].labels == ["a": "1", "b": "},"])
        #expect(scrape.samples[0].value == 1500)
        #expect(scrape.samples[1].value == .infinity)
        #expect(scrape.samples[2].value.isNaN)
        #expect(scrape.samples[3].value == -.infinity)
        #expect(scrape.samples[4].value == 0.25)
        #expect(scrape.help == ["x": "tight"])
        #expect(scrape.types == ["z": "untyped"])
    }

    @Test func findsAndSums() throws {
        let scrape = try MetricsScrape.parse("a{x=\"1\",y=\"1\"} 1\na{x=\"1\",y=\"2\"} 2\na{x=\"2\"} 4\nb 8\n")
        #expect(scrape.value("a") == 1)
        #expect(scrape.value("a", ["y": "2"]) == 2)
        #expect(scrape.value("a", ["y": "3"]) == nil)
        #expect(scrape.value("c") == nil)
        #expect(scrape.sum("a") == 7)
        #expect(scrape.sum("a", ["x": "1"]) == 3)
        #expect(scrape.sum("c") == 0)
    }

    @Test(arguments: [
        ("a 1\nb\n", 2, "no value"),
        ("a one", 1, "the value \"one\" is no number"),
        ("\n\n9a 1", 3, "a metric name is missing at \"9a 1\""),
        ("{a=\"1\"} 1", 1, "a metric name is missing at \"{a=\"1\"} 1\""),
        ("a{b=\"1\" 1", 1, "no , or } after the label b"),
        ("a{b=1} 1", 1, "a quotation mark is missing at \"1} 1\""),
        ("a{b} 1", 1, "no = after the label b"),
        ("a{b=\"1} 1", 1, "a string without its closing quotation mark"),
        ("a{b=\"\\t\"} 1", 1, "unknown escape \\t"),
        ("a{b=\"\\", 1, "a backslash at the end"),
        ("a{b=\"1\",b=\"2\"} 1", 1, "the label b is twice there"),
        ("a{1b=\"1\"} 1", 1, "a label name is missing at \"1b=\"1\"} 1\""),
        ("a{b=\"1\",", 1, "a label name is missing"),
        ("a 1 x", 1, "the timestamp \"x\" is no number"),
        ("a 1 2 3", 1, "unexpected text after the sample of a"),
        ("a 1 # x", 1, "an exemplar without labels"),
        ("# TYPE a\n", 1, "unknown type \"\" for a"),
        ("# TYPE a thing\n", 1, "unknown type \"thing\" for a"),
        ("# TYPE a gauge\n# TYPE a gauge\n", 2, "a second TYPE for a"),
        ("# HELP a x\n# HELP a x\n", 2, "a second HELP for a"),
        ("# HELP a \\x\n", 1, "unknown escape \\x"),
        ("# EOF\na 1\n", 2, "text after # EOF"),
    ])
    func namesTheLineThatIsWrong(text: String, line: Int, reason: String) {
        #expect(throws: MetricsParseError(line: line, reason: reason)) { try MetricsScrape.parse(text) }
    }

    @Test func errorReadsAsASentence() {
        #expect(MetricsParseError(line: 3, reason: "no value").description == "metrics, line 3: no value")
    }
}
