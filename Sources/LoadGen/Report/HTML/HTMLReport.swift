import Foundation

/// A finished run as one HTML page that opens anywhere, offline: the verdict first, then what bears it out.
///
/// A pure function of the record: the same folder gives the same bytes.
struct HTMLReport: Sendable {
    let record: RunRecord
    var summary: Summary { record.summary }

    static func render(_ record: RunRecord) -> String { HTMLReport(record: record).page.render() }

    private var page: HTMLPage {
        let axis = TimeAxis(record)
        let sections: [HTMLPage.Section?] = [
            .init(
                "verdict", "Thresholds", note: "The rules that this run had to keep.", notices + thresholds + figures),
            .init(
                "latency", "Latency over time",
                note: "What a percentile over the whole run hides: a stall, a slow warm-up, a wave of reconnects.",
                latencyOverTime(axis)),
            .init(
                "distribution", "Percentiles",
                note:
                    "The load is open: a message is due at an instant fixed in advance, and latency counts from there.",
                percentiles),
            .init(
                "stages-section", "Stages",
                note:
                    "From messages that asked the server for its stamps. Those of two machines differ by their clocks.",
                StageWaterfall(latency: summary.latency).figure?.html ?? ""),
            .init(
                "instances", "Instances",
                note: "Where deliveries were made, and which of them crossed between servers.",
                instances),
            .init(
                "servers", "Servers over time",
                note: "On the time axis of the latency chart: read them below each other.",
                ServerPanels(record: record, axis: axis).figures.map(\.html).joined()),
            .init(
                "integrity", "Integrity",
                note: "Every message checked at every receiver; then every room's history against what was acked.",
                integrity),
            .init("load", "Load and clients", note: "Counts over the measured phases.", load),
            .init("environment", "Environment", note: "Compare figures of equal environments only.", environment),
            .init("reproduce", "Reproduce", note: "The same scenario, setup and seed play the same plan.", reproduce),
        ]
        return HTMLPage(
            title: "\(Format.printable(summary.scenario)) on \(Format.printable(summary.setup)): \(stamp.word)",
            kicker: kicker, headline: headline, sections: sections.compactMap { $0 }, footer: footer)
    }

    private var footer: Markup {
        let missing: Markup =
            record.missing.isEmpty
            ? ""
            : "<p>Not in the run's folder, and so not in this report: \(record.missing.joined(separator: ", ")).</p>"
        return "<p>Made by LoadGen from <code>\(record.folder)</code>. This file fetches nothing.</p>\(missing)"
    }
}

// MARK: - Charts

extension HTMLReport {
    private func latencyOverTime(_ axis: TimeAxis) -> Markup {
        LatencyOverTime(record: record, axis: axis).figure?.html
            ?? "<p class=\"quiet\">The run's folder has no latencies by the second.</p>"
    }

    private var percentiles: Markup {
        let chart =
            PercentileChart(curves: record.curves).figure?.html
            ?? "<p class=\"quiet\">The run's folder has no distributions; the figures are those of the summary.</p>"
        return chart + latencyTable
    }

    private static let rows: [(label: String, series: Summary.Series, isSub: Bool)] = [
        ("deliver", .deliver, false), ("uncorrected", .deliverUncorrected, true),
        ("same instance", .deliverSameInstance, true), ("across instances", .deliverCrossInstance, true),
        ("last receiver", .lastReceiver, false), ("reconnect", .reconnect, false), ("ack", .ack, false),
        ("uncorrected", .ackUncorrected, true),
        ("connect", .connect, false),
    ]

    private var latencyTable: Markup {
        let rows = Self.rows.filter { summary.latency[$0.series].count > 0 }.map { row -> Markup in
            let series = summary.latency[row.series]
            let values = [series.p50, series.p90, series.p99, series.p999, series.max].map(Format.duration)
            let cells = (values + [Format.count(Int(clamping: series.count))]).map { "<td>\($0)</td>" as Markup }
            return "<tr class=\"\(row.isSub ? "sub" : "")\"><th scope=\"row\">\(row.label)</th>\(cells.joined())</tr>\n"
        }
        guard !rows.isEmpty else { return "<p class=\"quiet\">No latency was measured.</p>" }
        let head = ["p50", "p90", "p99", "p99.9", "max", "samples"].map { "<th scope=\"col\">\($0)</th>" as Markup }
        return """
            <div class="scroll" tabindex="0" role="group" aria-label="Latency by series"><table>
            <thead><tr><th scope="col">latency</th>\(head.joined())</tr></thead><tbody>
            \(rows.joined())</tbody></table></div>
            """
    }
}
