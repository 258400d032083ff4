import Foundation
import Testing

@testable import LoadGen

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Records with everything in them, whose every text tries to leave its place.
enum SamplePages {
    static let hostile = "</title></svg><script>alert(1)</script>\"' onload='x' &amp; \u{202E}\u{1B}[31m"

    static func record(seconds: Int = 30, instances: Int = 3, text: String = hostile) -> RunRecord {
        var record = RunRecord(folder: text, summary: SampleSummary.void)
        let names = (0..<instances).map { "\(text)\($0)" }
        record.summary.scenario = text
        record.summary.setup = text
        record.summary.startedAt = text
        record.summary.generator.voidReason = text
        record.summary.failure = text
        record.summary.integrity.lost = 1
        record.summary.integrityDetail = [text]
        record.summary.errors = [text: 1]
        record.summary.clients.failures = [text: 1]
        record.summary.thresholds = [.init(rule: text, value: 1, pass: false, note: text)]
        record.summary.environment.cpu = text
        record.summary.environment.commit = text
        record.summary.phases = [.init(name: text, startS: 2, durationS: Double(seconds), rate: 5, measure: true)]
        record.summary.servers = names.map { .init(instance: $0, deliveries: 9) }
        record.summary.flows = names.flatMap { from in names.map { .init(from: from, to: $0, deliveries: 5) } }
        record.summary.injectedFaults = [.init(name: text, kind: text, part: text, startS: 5, endS: 9)]
        record.summary.parts = [.init(name: text, kind: text, cpuSeconds: 1, rssBytes: 1)]
        record.summary.latency[.reconnect] = SampleSummary.latency(1, p50: 1, p99: 2)
        record.timeline = (0..<seconds).map { second in
            let wave = 1e6 * (2 + sin(Double(second)))
            return TimelinePoint(
                second: Double(second), phase: text, offered: 100, sent: 100, acked: 99, delivered: 2_000, p50: wave,
                p90: wave * 2, p99: wave * 4, p999: wave * 8, max: wave * 16, connections: 200, generatorLag: wave,
                disconnected: 1, reconnected: 1)
        }
        record.readings = stride(from: 0, to: seconds, by: 5).flatMap { second in
            names.map { name in
                let growth = Double(second * 100)
                return ServerReading(
                    second: Double(second) + 0.013, instance: name, connections: 66, persisted: growth,
                    deliveries: growth * 20, cpuSeconds: growth / 500, residentBytes: 4e7 + growth)
            }
        }
        let points = (0..<200).map { index -> PercentileCurve.Point in
            let share = 1 - pow(0.93, Double(index))
            return .init(value: 1e6 / (1 - share).squareRoot(), share: share, count: 200_000 * share)
        }
        let curve = PercentileCurve(points: points + [.init(value: 9e8, share: 1, count: 200_000)])
        for series in Summary.Series.allCases { record.curves[series] = curve }
        record.scenario = text + "\n" + text
        record.setup = text
        record.missing = [text]
        return record
    }

    static var comparison: ComparisonDocument {
        let text = hostile
        var document = ComparisonDocument(
            scenario: text, seed: .max, startedAt: text, baseline: "a\(text)", setups: ["a\(text)", "b\(text)"],
            blocks: 4,
            environment: .init(cpu: text, commit: text), notes: [text])
        document.runs = (0..<8).map {
            .init(setup: text, block: $0, order: 8 - $0, folder: text, startedAt: text, void: $0 == 3, verdict: text)
        }
        document.comparisons = [("slower", 0.5), ("faster", -5), ("no difference detected", 0.01), (text, .nan)].map {
            .init(
                metric: "\(text).\($0.1)", unit: "ns", better: "lower", a: "a\(text)", b: "b\(text)", countA: 4,
                countB: 4, medianA: 1e6, medianB: 2e6, valuesA: [1e6, 1.1e6, .nan, 1e6], valuesB: [2e6],
                difference: $0.1, low: $0.1 - 0.1, high: $0.1 > 0.1 ? nil : $0.1 + 0.1, p: 0.03, adjustedP: 0.1,
                verdict: $0.0,
                detectable: 0.06)
        }
        document.model = [.init(setup: text, name: text, expected: 0, measured: nil)]
        return document
    }

    static var capacity: CapacityDocument {
        let text = hostile
        return CapacityDocument(
            scenario: text, setup: text, of: "rate", rule: "deliver.p99 < 250ms", seed: 1, startedAt: text,
            interval: .init(low: 900, high: 1_100),
            steps: (1...6).map { order in
                .init(
                    order: order, load: Double(order) * 300, passed: order < 4, void: order == 6,
                    value: Double(order) * 8e7, reason: text, folder: text)
            }, environment: .init(cpu: text), notes: [text])
    }

    /// A page for each kind of report, full and empty.
    enum Page: String, CaseIterable, Sendable {
        case run, passingRun, emptyRun, comparison, emptyComparison, capacity, emptyCapacity

        var html: String {
            switch self {
            case .run: HTMLReport.render(record())
            case .passingRun: HTMLReport.render(RunRecord(summary: SampleSummary.passing))
            case .emptyRun: HTMLReport.render(RunRecord())
            case .comparison: ComparisonPage(document: SamplePages.comparison).render()
            case .emptyComparison: ComparisonPage(document: ComparisonDocument()).render()
            case .capacity: CapacityPage(document: SamplePages.capacity).render()
            case .emptyCapacity: CapacityPage(document: CapacityDocument()).render()
            }
        }
    }
}

/// What is between `<body>` and its script, which is written to be XML as well.
func bodyAsXML(_ page: String) throws -> String {
    let start = try #require(page.range(of: "<body>"))
    let end = try #require(page.range(of: "<script>", options: .backwards))
    return "<body>" + page[start.upperBound..<end.lowerBound] + "</body>"
}

/// The parser's complaint, or nil.
func xmlError(_ text: String) -> String? {
    let parser = XMLParser(data: Data(text.utf8))
    guard !parser.parse() else { return nil }
    return "line \(parser.lineNumber), column \(parser.columnNumber): \(parser.parserError.map { "\($0)" } ?? "?")"
}
