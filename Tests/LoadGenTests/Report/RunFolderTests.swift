import ChatMetrics
import Foundation
import Testing

@testable import LoadGen

@Suite struct RunFolderTests {
    private let date = Date(timeIntervalSince1970: 1_795_563_000)

    @Test func makesItsFoldersAndKeepsRunsOfOneSecondApart() throws {
        try withTemporaryFolder { out in
            let path = out.appendingPathComponent("not/yet/there").path
            let names = try (0..<3).map { _ in
                try RunFolder.create(in: path, scenario: "steady", setup: "embedded", at: date).url.lastPathComponent
            }
            #expect(names == ["", "-2", "-3"].map { "20261124T233000Z-steady-embedded" + $0 })
            let inside = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(names[1])")
            #expect(inside.sorted() == ["latency", "logs", "metrics"])
        }
    }

    @Test func holdsWhatTheContractSays() throws {
        try withTemporaryFolder { out in
            let folder = try RunFolder.create(in: out.path, scenario: "s", setup: "../x/y", at: date)
            #expect(folder.url.lastPathComponent == "20261124T233000Z-s-x-y")
            try folder.write(summary: SampleSummary.lossy)
            try folder.write(histograms: ["ack": "Value Percentile\n", "deliver": "…\n"])
            try folder.write(
                scrape: .init(first: "a 1", firstAt: date, last: "a 2\n", lastAt: date.addingTimeInterval(20.5)),
                instance: "127.0.0.1:8080")
            try folder.write(scenario: "name: s", setup: "name: y\n")
            try folder.write("<html>", to: "report.html")

            #expect(try folder.summary() == SampleSummary.lossy)
            #expect(try Summary.load(from: folder.url) == SampleSummary.lossy)
            #expect(try text(folder, "latency/ack.hgrm") == "Value Percentile\n")
            #expect(
                try text(folder, "metrics/127.0.0.1:8080.first.prom")
                    == "# scrape first 2026-11-24T23:30:00.000000Z\na 1\n")
            #expect(
                try text(folder, "metrics/127.0.0.1:8080.prom")
                    == "# scrape last 2026-11-24T23:30:20.500000Z\na 2\n")
            #expect(try text(folder, "scenario.yaml") == "name: s\n")
            #expect(try text(folder, "setup.yaml") == "name: y\n")
            #expect(try text(folder, "report.html") == "<html>")
        }
    }

    /// A second HELP or TYPE of a family is an error to every parser, so two scrapes do not fit into one file.
    @Test func eachScrapeParses() throws {
        try withTemporaryFolder { out in
            let folder = try RunFolder.create(in: out.path, scenario: "s", setup: "y", at: date)
            let page = { (value: Int) in "# HELP a x\n# TYPE a counter\na \(value)\n" }
            try folder.write(
                scrape: .init(first: page(1), firstAt: date, last: page(2), lastAt: date), instance: "a")
            #expect(try MetricsScrape.parse(text(folder, "metrics/a.first.prom")).value("a") == 1)
            #expect(try MetricsScrape.parse(text(folder, "metrics/a.prom")).value("a") == 2)
        }
    }

    /// The question alone is no result; a log, or anything else, is worth keeping.
    @Test(arguments: [nil, "logs/a.log", "timeline.csv"])
    func aRunThatNeverBeganLeavesNothing(other: String?) throws {
        try withTemporaryFolder { out in
            let folder = try RunFolder.create(in: out.path, scenario: "s", setup: "y", at: date)
            try folder.write(scenario: "name: s", setup: "name: y")
            if let other { try folder.write("x", to: other) }
            folder.removeIfEmpty()
            #expect(FileManager.default.fileExists(atPath: folder.path) == (other != nil))
        }
    }

    @Test func timelineRowsAreThereAtOnce() throws {
        try withTemporaryFolder { out in
            let folder = try RunFolder.create(in: out.path, scenario: "s", setup: "y", at: date)
            let timeline = try folder.timeline()
            try timeline.append(
                TimelineRow(
                    second: 1, phase: "steady", offered: 500, sent: 499, acked: 498, delivered: 9_990, p50Ns: 890_000,
                    p99Ns: 3_100_000, connections: 1_000, generatorLagNs: 180_000))
            try timeline.append(TimelineRow(second: 2, phase: "a \"b\", c"))
            // Read before it is closed: what a crash would leave.
            #expect(
                try text(folder, "timeline.csv") == """
                    second,phase,offered,sent,acked,delivered,p50_ns,p99_ns,connections,generator_lag_ns
                    1,steady,500,499,498,9990,890000,3100000,1000,180000
                    2,"a ""b"", c",0,0,0,0,0,0,0,0

                    """)
            try timeline.close()
        }
    }

    @Test func othersMayReadTheResults() throws {
        try withTemporaryFolder { out in
            let folder = try RunFolder.create(in: out.path, scenario: "s", setup: "y", at: date)
            try folder.write(summary: Summary())
            let file = folder.url.appendingPathComponent("summary.json").path
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            let mode = try #require(attributes[.posixPermissions] as? NSNumber)
            #expect(mode.intValue & 0o444 == 0o444)
        }
    }

    @Test func aFileInTheWayIsAClearError() throws {
        try withTemporaryFolder { out in
            let file = out.appendingPathComponent("file")
            try Data().write(to: file)
            do {
                _ = try RunFolder.create(in: file.path, scenario: "s", setup: "y", at: date)
                Issue.record("made a folder in a file")
            } catch let error as ReportError {
                #expect(error.code == .unwritable)
                let text = "cannot make a folder for the results in \(file.path) (choose another with --out): "
                #expect("\(error)".hasPrefix(text))
            }
        }
    }

    @Test func aMissingFolderIsAClearError() throws {
        try withTemporaryFolder { out in
            let folder = RunFolder(existing: out.appendingPathComponent("gone"))
            #expect(throws: ReportError.self) { try folder.write("x", to: "a.txt") }
            #expect(throws: ReportError.self) { try folder.timeline() }
        }
    }

    @Test(arguments: [
        ("steady-rooms", "steady-rooms"), ("a/b c", "a-b-c"), ("../..", "unnamed"), (".hidden", "hidden"),
        ("", "unnamed"), ("a\u{0}b", "a-b"), ("127.0.0.1:80", "127.0.0.1:80"),
    ])
    func names(text: String, name: String) {
        #expect(RunFolder.fileName(text) == name)
    }

    private func text(_ folder: RunFolder, _ name: String) throws -> String {
        try String(contentsOf: folder.url.appendingPathComponent(name), encoding: .utf8)
    }
}
