import Foundation
import Testing

@testable import LoadGen

@Suite struct TerminalReportTests {
    private static let samples: [Summary] = [
        Summary(), SampleSummary.passing, SampleSummary.void, SampleSummary.lossy,
    ]

    private func render(_ summary: Summary, color: Bool = false, width: Int = 88) -> String {
        TerminalReport.render(summary, folder: "bench-results/run", color: color, width: width)
    }

    @Test func passingRun() {
        #expect(render(SampleSummary.passing) == TerminalGolden.pass)
    }

    @Test func voidRun() {
        #expect(render(SampleSummary.void) == TerminalGolden.void)
    }

    @Test func runThatLostMessages() {
        #expect(render(SampleSummary.lossy) == TerminalGolden.lossy)
    }

    /// A 0 that nobody counted is no proof.
    @Test func whatWasNotCheckedHasNoTick() throws {
        var summary = SampleSummary.passing
        summary.unproved = ["store_missing"]
        let text = render(summary)
        #expect(text.contains("– store missing ........... not checked"))
        #expect(text.contains("✓ lost .................... 0"))
        #expect(HTMLReport.render(RunRecord(summary: summary)).contains("<td>not checked</td>"))
        let again = try JSONDecoder().decode(Summary.self, from: try summary.json())
        #expect(again.unproved == ["store_missing"])
        let rule = try Threshold.parse("integrity.store_missing == 0").evaluate(summary)
        #expect(!rule.pass && rule.note == "integrity.store_missing was not checked")
        #expect(try Threshold.parse("integrity.lost == 0").evaluate(summary).pass)
    }

    @Test(arguments: [60, 72, 80, 100, 132, 200])
    func fitsTheWidth(width: Int) {
        for summary in Self.samples {
            let longest = render(summary, width: width).split(separator: "\n").map(\.count).max() ?? 0
            #expect(longest <= width)
        }
    }

    @Test func colorIsTheOnlyDifference() {
        for summary in Self.samples {
            let plain = render(summary)
            #expect(!plain.contains("\u{1B}"))
            let stripped = render(summary, color: true).replacing(/\u{1B}\[[0-9;]*m/, with: "")
            // The banner's background runs to the edge of the terminal.
            #expect(trimmedLines(stripped) == trimmedLines(plain))
        }
    }

    @Test func noLineEndsInBlanks() {
        for summary in Self.samples {
            #expect(!render(summary).split(separator: "\n").contains { $0.hasSuffix(" ") })
        }
    }

    @Test(arguments: Summary.Verdict.allCases)
    func theVerdictStandsFirstAndLast(verdict: Summary.Verdict) {
        var summary = SampleSummary.passing
        switch verdict {
        case .pass: break
        case .thresholdFailed: summary.thresholds = [.init(rule: "ack.p99 < 1ms", value: 2e6, pass: false)]
        case .integrityFailed: summary.integrity.duplicated = 1
        case .generatorBottleneck: summary.generator.void = true
        case .interrupted: summary.interrupted = true
        case .error: summary.failure = "server a died: signal 9"
        }
        #expect(summary.verdict == verdict)
        let lines = render(summary).split(separator: "\n").map(String.init)
        let headline = TerminalReport.headline(verdict)
        #expect((lines.first?.contains("✗✗✗  \(headline)  ✗✗✗") == true) == (verdict != .pass))
        let word = headline.prefix { $0 != ":" }
        let sentence = lines.last { $0.hasPrefix("  ✗ \(word): ") || $0.hasPrefix("  ✓ \(word): ") }
        #expect(sentence != nil)
    }

    @Test func otherFaultsAreNotForgotten() {
        var summary = SampleSummary.lossy
        summary.interrupted = true
        let text = render(summary)
        #expect(text.contains("✗ INTERRUPTED: "))
        #expect(text.contains("✗ also: messages were not delivered as promised: 4 lost, 1 out of order."))
        #expect(text.contains("✗ also: 3 of 3 thresholds broken: "))
    }

    @Test func nothingDeliveredProvesNothing() {
        #expect(render(Summary()).contains("nothing was delivered: these figures prove nothing"))
    }

    @Test func textFromOutsideCannotSteerTheTerminal() {
        var summary = SampleSummary.lossy
        summary.scenario = "a\u{1B}]0;x\u{7}"
        summary.errors = ["\u{1B}[2J": 1]
        summary.integrityDetail = ["\u{1B}[31mred"]
        summary.clients.failures = ["\r\u{9B}1m": 1]
        summary.servers[0].instance = "\u{1B}c"
        summary.failure = "\u{1B}c"
        let text = render(summary)
        #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
    }

    private func trimmedLines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
    }
}
