import Foundation
import Testing

@testable import LoadGen

@Suite struct HTMLReportTests {
    @Test(arguments: SamplePages.Page.allCases)
    func isWellFormed(kind: SamplePages.Page) throws {
        let page = kind.html
        #expect(xmlError(try bodyAsXML(page)) == nil)
        #expect(page.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
        #expect(page.firstMatch(of: /\ (?:x|y|[xy][12]|c[xy]|d|width|height|viewBox)="[^"]*(?:nan|inf)/) == nil)
    }

    @Test(arguments: SamplePages.Page.allCases)
    func fetchesNothing(kind: SamplePages.Page) throws {
        let page = kind.html
        for word in ["src=", "<link", "<img", "<image", "<iframe", "<object", "@import", "url(", "http://", "https://"]
        {
            #expect(!page.contains(word), "\(word)")
        }
        let links = page.matches(of: /href="([^"]*)"/).map(\.1)
        #expect(links.allSatisfy { $0.hasPrefix("#") })
    }

    /// The policy names the style and the script by the hash of what stands between their tags, to the byte; attributes
    /// with code or style would be refused.
    @Test(arguments: SamplePages.Page.allCases)
    func policyLetsInItsOwnCodeOnly(kind: SamplePages.Page) throws {
        let page = kind.html
        let policy = try #require(page.firstMatch(of: /Content-Security-Policy" content="([^"]*)"/)).1
        #expect(policy.hasPrefix("default-src &#39;none&#39;; "))
        let scripts = page.matches(of: /<script>(?s:(.*?))<\/script>/)
        let styles = page.matches(of: /<style>(?s:(.*?))<\/style>/)
        #expect(scripts.count == 1 && styles.count == 1)
        for content in [scripts.first?.1, styles.first?.1] {
            let source = Markup.escaped(InlineHash.source(String(try #require(content))))
            #expect(policy.contains(source))
        }
        #expect(!page.contains(" style=") && page.firstMatch(of: /<[^>"]* on[a-z]+=/) == nil)
    }

    @Test(arguments: SamplePages.Page.allCases)
    func textStaysText(kind: SamplePages.Page) throws {
        let page = kind.html
        #expect(!page.contains("<script>alert"))
        #expect(!page.contains("\u{202E}") && !page.contains("\u{1B}"))
    }

    @Test(arguments: SamplePages.Page.allCases)
    func idsAreUniqueAndLinksArrive(kind: SamplePages.Page) throws {
        let page = kind.html
        let ids = page.matches(of: /\ id="([^"]*)"/).map { String($0.1) }
        #expect(Set(ids).count == ids.count)
        let wanted =
            page.matches(of: /href="#([^"]*)"/).map { String($0.1) }
            + page.matches(of: /aria-labelledby="([^"]*)"/).flatMap { $0.1.split(separator: " ").map(String.init) }
        #expect(Set(wanted).isSubset(of: Set(ids)))
    }

    @Test func chartsAreAccessible() {
        let page = HTMLReport.render(SamplePages.record())
        let pictures = page.matches(
            of: /<svg viewBox[^>]*role="img"[^>]*><title[^>]*>[^<]+<\/title><desc[^>]*>[^<]+<\/desc>/)
        #expect(pictures.count == page.matches(of: /class="plot/).count)
        #expect(pictures.count >= 20)
        #expect(page.contains("<summary>Values as a table</summary>"))
    }

    @Test func verdictStandsFirst() throws {
        let page = HTMLReport.render(RunRecord(folder: "f", summary: SampleSummary.passing))
        let order = [
            "✓ PASS</span>All 3 thresholds hold", "deliver.p99 &lt; 250ms", "id=\"latency\"", "id=\"distribution\"",
            "id=\"instances\"", "id=\"integrity\"", "id=\"environment\"", "--setup setup.yaml --seed 1",
        ].map { page.range(of: $0)?.lowerBound }
        #expect(order == order.compactMap { $0 }.sorted())
        #expect(page.contains("1.2% of the limit"))
        #expect(HTMLReport.render(RunRecord(summary: SampleSummary.void)).contains("✗ VOID</span>The generator was"))
    }

    @Test func anHourStaysSmall() {
        let record = SamplePages.record(seconds: 3_600, instances: 6, text: "instance-")
        let page = HTMLReport.render(record)
        #expect(page.utf8.count < 950_000)
        #expect(page.contains("each point is the worst of its seconds"))
        #expect(page == HTMLReport.render(record), "the same folder gives the same bytes")
    }

    @Test func oneCallWritesTheReport() throws {
        try withTemporaryFolder { out in
            let folder = RunFolder(existing: out)
            try folder.write(summary: SampleSummary.passing)
            try folder.write(
                TimelineRow.header + "\n" + TimelineRow(second: 1, phase: "x", delivered: 1, p50Ns: 5, p99Ns: 9).csv
                    + "\n", to: "timeline.csv")
            try folder.writeReport()
            let page = try String(contentsOf: out.appendingPathComponent("report.html"), encoding: .utf8)
            #expect(page.contains("Delivery latency over time"))
            guard case .run = try ReportSource.read(folder) else {
                Issue.record("a run's folder is read as something else")
                return
            }
        }
    }
}
