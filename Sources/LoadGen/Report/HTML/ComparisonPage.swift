/// A comparison as one page: the answer in a sentence, the intervals that bear it out, the blocks behind them.
struct ComparisonPage: Sendable {
    let document: ComparisonDocument

    func render() -> String {
        let sections: [HTMLPage.Section?] = [
            .init(
                "answer", "What differs",
                note: "The unit is the block, never the message: messages inside a run wait behind each other.",
                notices + summaryTable),
            .init(
                "forest", "Differences",
                note: "Left of the line: less than the other. Point at a row for its medians and p.",
                forests),
            .init("blocks", "Block by block", note: "Each dot is a block, the upright stroke their median.", strips),
            .init(
                "table", "All figures",
                note:
                    "Medians of the blocks. p is adjusted for the number of metrics. ~ means “no difference detected”, "
                    + "which is not “equal”: beside it, the smallest that these blocks could have shown.",
                table),
            .init("model", "Model and measurement", note: "What the placement alone lets expect.", model),
            .init(
                "order", "The blocks as they ran",
                note: "Interleaved, so that what drifts in the machine meets all setups alike.",
                order),
            .init(
                "environment", "Environment",
                document.environment.map { HTMLReport.facts(HTMLReport.facts(of: $0)) } ?? ""),
            .init("reproduce", "Reproduce", reproduce),
        ]
        let title =
            "\(Format.printable(document.scenario)): \(document.setups.map(Format.printable).joined(separator: ", "))"
        return HTMLPage(
            title: "\(title) compared", kicker: kicker, headline: "<h1>\(headline)</h1>\n<p class=\"lede\">\(lede)</p>",
            sections: sections.compactMap { $0 },
            footer: "<p>Made by LoadGen from compare.json. This file fetches nothing.</p>"
        ).render()
    }

    private var kicker: Markup {
        let started = document.startedAt.prefix(19).replacing("T", with: " ")
        let setups = document.setups.map { "<b>\($0)</b>" as Markup }.joined(separator: ", ")
        return
            "<b>\(document.scenario)</b> compared on \(setups) · "
            + "\(started.isEmpty ? "" : "\(started) UTC · ")seed \(String(document.seed))"
    }

    private var notices: Markup {
        document.notes.map { "<p class=\"notice\">\($0)</p>\n" as Markup }.joined()
    }

    private var forests: Markup {
        document.pairs.enumerated().compactMap { index, pair in
            ForestPlot(
                pair: pair, comparisons: document.comparisons(of: pair), confidence: document.confidence, number: index
            ).figure?.html
        }.joined()
    }

    private var strips: Markup {
        let figures = document.metrics.enumerated().compactMap { index, metric in
            StripPlot(metric: metric.metric, unit: metric.figureUnit, rows: document.values(of: metric.metric))
                .figure(index)?.html
        }
        return figures.isEmpty ? "" : "<div class=\"multiples\">\(figures.joined())</div>"
    }

    private var reproduce: Markup {
        if document.isOfFinished {
            let sides = document.setups.map { setup in
                document.runs.filter { $0.setup == setup }.sorted { $0.block < $1.block }.map(\.folder)
                    .joined(separator: " ")
            }
            let command = "LoadGen compare \(sides.joined(separator: " --against ")) --seed \(document.seed)"
            return "<pre><code>\(command)</code></pre>"
        }
        let setups = document.setups.joined(separator: ",")
        let commit = document.environment?.commit ?? ""
        let checkout = commit.isEmpty || commit == "unknown" ? "" : "git checkout \(commit.prefix { $0 != "+" })\n"
        let command =
            "LoadGen compare \(document.scenario) --setups \(setups) --blocks \(document.blocks) "
            + "--seed \(document.seed)"
        return "<pre><code>\(checkout)\(command)</code></pre>"
    }
}
