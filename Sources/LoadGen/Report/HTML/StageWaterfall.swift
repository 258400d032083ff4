import ChatMetrics

/// Where the time of a traced message goes: a bar for each stage, which begins where the one before ends. Means, since
/// means of stages add up to the mean of the way, and percentiles do not.
struct StageWaterfall: Sendable {
    let latency: Summary.Latencies

    private struct Stage: Sendable {
        var name: String
        var meaning: String
        var start: Double
        var figures: LatencySummary
        var mean: Double { Double(max(0, figures.mean)) }
    }

    private static let meanings: [Summary.Series: (name: String, meaning: String)] = [
        .stageSend: ("send", "planned → read by the server"),
        .stagePersist: ("persist", "read → committed to the store"),
        .stagePublish: ("publish", "committed → handed to the broker"),
        .stageBroker: ("broker", "handed over → at the receiver's instance"),
        .stageDeliver: ("deliver", "at the instance → at the receiver"),
    ]

    private var stages: [Stage] {
        var start = 0.0
        return Summary.Series.stages.compactMap { series in
            guard latency[series].count > 0, let words = Self.meanings[series] else { return nil }
            let stage = Stage(name: words.name, meaning: words.meaning, start: start, figures: latency[series])
            start += stage.mean
            return stage
        }
    }

    /// Nil when no message was traced.
    var figure: ChartFigure? {
        let stages = stages
        guard let longest = stages.max(by: { $0.mean < $1.mean }) else { return nil }
        let total = stages.map(\.mean).reduce(0, +)
        let samples = stages.map(\.figures.count).max() ?? 0
        return ChartFigure(
            id: "stages",
            title: "Where the time of a message goes",
            note: "Means of the \(Format.count(Int(clamping: samples))) samples that carried the server's stamps; "
                + "together \(FigureUnit.nanoseconds.text(total)).",
            description: "Mean time in each stage; the longest is \(longest.name) with "
                + "\(FigureUnit.nanoseconds.text(longest.mean)) of \(FigureUnit.nanoseconds.text(total)).",
            table: table(stages),
            height: { Self.rowHeight($0) * Double(stages.count) + 34 },
            draw: { draw($0, stages, total) })
    }

    private static func rowHeight(_ size: PlotFrame.Size) -> Double { size == .wide ? 34 : 46 }

    private func draw(_ size: PlotFrame.Size, _ stages: [Stage], _ total: Double) -> Markup {
        let row = Self.rowHeight(size)
        let isWide = size == .wide
        let left: Double = isWide ? 320 : 8
        let x = Scale(.linear, from: 0, to: max(total, 1), start: left, end: size.width - (isWide ? 150 : 10))
        let bars = stages.enumerated().map { index, stage -> Markup in
            let top = Double(index) * row + (isWide ? 8 : 20)
            let start = x.position(stage.start)
            let width = max(2, x.position(stage.start + stage.mean) - start)
            let mean = FigureUnit.nanoseconds.text(stage.mean)
            let share = total > 0 ? Format.percent(stage.mean / total) : Format.none
            let text =
                "\(stage.name): \(stage.meaning)\nmean: \(mean) (\(share) of the way)\n"
                + "p50: \(FigureUnit.nanoseconds.text(Double(stage.figures.p50)))\n"
                + "p99: \(FigureUnit.nanoseconds.text(Double(stage.figures.p99)))"
            let labels: Markup =
                isWide
                ? """
                <text class="name" x="4" y="\(top + 14)">\(stage.name)</text>\
                <text class="tick" x="74" y="\(top + 14)">\(stage.meaning)</text>\
                <text class="value end" x="\(size.width - 70)" y="\(top + 14)">\(mean)</text>\
                <text class="tick end" x="\(size.width - 4)" y="\(top + 14)">\(share)</text>
                """
                : """
                <text class="name" x="8" y="\(top - 6)">\(stage.name)</text>\
                <text class="value end" x="\(size.width - 10)" y="\(top - 6)">\(mean), \(share)</text>
                """
            return """
                <line class="grid" x1="\(left)" x2="\(x.end)" y1="\(top + 20)" y2="\(top + 20)"/>\
                <rect class="bar" x="\(start)" y="\(top)" width="\(width)" height="20" rx="2"/>\(labels)\
                <rect class="hit" x="0" y="\(top - (isWide ? 6 : 18))" width="\(size.width)" height="\(row)">\
                <title>\(text)</title></rect>
                """
        }
        let base = row * Double(stages.count) + 8
        let ticks = x.ticks(isWide ? 6 : 4).map { value -> Markup in
            """
            <text class="tick mid" x="\(x.position(value))" y="\(base + 20)">\
            \(FigureUnit.nanoseconds.tick(value))</text>
            """
        }
        return bars.joined() + ticks.joined()
    }

    private func table(_ stages: [Stage]) -> DataTable {
        let rows = stages.map { stage in
            [stage.name, stage.meaning]
                + [stage.figures.mean, stage.figures.p50, stage.figures.p99, stage.figures.max]
                .map(Format.duration) + [Format.count(Int(clamping: stage.figures.count))]
        }
        return DataTable(
            columns: ["stage", "from → to", "mean", "p50", "p99", "max", "samples"], rows: rows, caption: "Stages",
            words: [1])
    }
}
