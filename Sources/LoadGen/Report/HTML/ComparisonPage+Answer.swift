extension ComparisonPage {
    /// The metrics that answer the question, the most telling first.
    private static let headliners = ["deliver.p99", "last_receiver.p99", "deliver.p50", "ack.p99"]

    private func headliner(of pair: ComparisonDocument.Pair) -> ComparisonDocument.Comparison? {
        let own = document.comparisons(of: pair)
        return Self.headliners.lazy.compactMap { name in own.first { $0.metric == name } }.first ?? own.first
    }

    /// The pairs with the baseline, or all if it takes no part.
    private var headPairs: [ComparisonDocument.Pair] {
        let own = document.pairs.filter { $0.a == document.baseline || $0.b == document.baseline }
        return own.isEmpty ? document.pairs : own
    }

    /// One sentence: for each setup, what became of the headline metric; what was found before what was not.
    var answer: String {
        let heads = headPairs.compactMap { headliner(of: $0) }
        guard let first = heads.first else { return "Nothing was compared." }
        let isShared = heads.allSatisfy { $0.metric == first.metric }
        let found = heads.filter { $0.finding != .none } + heads.filter { $0.finding == .none }
        let parts = found.map { comparison -> String in
            let subject = isShared ? "" : "in \(comparison.metric), "
            return subject + outcome(comparison)
        }
        let text = (isShared ? "in \(first.metric), " : "") + parts.joined(separator: "; ")
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    private func outcome(_ comparison: ComparisonDocument.Comparison) -> String {
        let (b, a) = (Format.printable(comparison.b), Format.printable(comparison.a))
        if comparison.finding == .none {
            let floor = comparison.detectable.map { " (\(Format.percent($0)) would have shown)" } ?? ""
            return "no difference between \(b) and \(a) was detected\(floor)"
        }
        return "\(b) is \(comparison.word) than \(a): \(comparison.interval)"
    }

    /// The answer for the page: a name with a hyphen stays in one line.
    var headline: Markup { Self.unbroken(answer) }

    static func unbroken(_ text: String) -> Markup {
        text.split(separator: " ").map { word -> Markup in
            word.contains("-") ? "<span class=\"nb\">\(String(word))</span>" : .text(String(word))
        }.joined(separator: " ")
    }

    var lede: String {
        let void = document.runs.filter(\.void).count
        let played = document.runs.count - void
        let tests = document.comparisons.count(where: \.wasTested)
        let shown = document.comparisons.filter { $0.finding != .none }.count
        let blocks =
            played > 0
            ? "\(played) interleaved blocks count"
                + (void > 0 ? ", \(void) more \(void == 1 ? "was" : "were") void" : "") + ". "
            : ""
        return blocks
            + "Of \(TerminalReport.plural(tests, "comparison")), "
            + "\(shown) \(shown == 1 ? "shows" : "show") a difference "
            + "at \(Format.percent(document.confidence)) confidence, with p adjusted for their number."
    }

    /// How many metrics of each pair got better, worse, neither.
    var summaryTable: Markup {
        let rows = document.pairs.map { pair -> [String] in
            let findings = document.comparisons(of: pair).filter(\.wasTested).map(\.finding)
            func count(_ finding: ComparisonDocument.Comparison.Finding) -> String {
                Format.count(findings.count { $0 == finding })
            }
            return ["\(pair.b) against \(pair.a)", count(.better), count(.worse), count(.different), count(.none)]
        }
        guard !rows.isEmpty else { return "" }
        return DataTable(
            columns: ["metrics of", "better", "worse", "different", "no difference detected"], rows: rows
        ).html
    }

    var table: Markup {
        document.pairs.map { pair -> Markup in
            let rows = document.comparisons(of: pair).map { comparison -> [String] in
                let unit = comparison.figureUnit
                return [
                    comparison.metric, unit.text(comparison.medianA), unit.text(comparison.medianB),
                    comparison.interval,
                    ComparisonDocument.Comparison.probability(comparison.adjustedP ?? comparison.p),
                    "\(comparison.countA)+\(comparison.countB)", comparison.shortOutcome,
                ]
            }
            return DataTable(
                columns: ["metric", pair.a, pair.b, "difference", "p", "n", "verdict"],
                rows: rows, caption: "\(pair.b) against \(pair.a)", words: [6]
            ).html
        }.joined()
    }

    /// The model's figures are shares and means, so they read as numbers.
    var model: Markup {
        guard !document.model.isEmpty else { return "" }
        let rows = document.model.map { entry -> [String] in
            let isShare = entry.name.hasSuffix("share")
            func text(_ value: Double?) -> String {
                value.map { isShare ? Format.percent($0) : Format.number($0) } ?? Format.none
            }
            var off = Format.none
            if let expected = entry.expected, let measured = entry.measured, expected != 0 {
                off = FigureUnit.difference(measured / expected - 1)
            }
            return [
                entry.setup, MetricDefinition.named(entry.name)?.label ?? entry.name, text(entry.expected),
                text(entry.measured), off,
            ]
        }
        return DataTable(
            columns: ["setup", "figure", "expected", "measured", "measured against expected"], rows: rows,
            words: [1]
        ).html
    }

    var order: Markup {
        let blocks = document.runs.sorted { $0.order < $1.order }.enumerated().map { index, run -> Markup in
            let words = run.void ? "void" : run.verdict.replacing("_", with: " ")
            return """
                <li class="\(run.void ? "void" : "")">\(index + 1). \(run.setup)\
                <small>block \(run.block) · \(run.void ? "✗ " : "")\(words)</small></li>
                """
        }
        return blocks.isEmpty ? "" : "<ol class=\"blocks\">\(blocks.joined())</ol>" + folders
    }

    private var folders: Markup {
        let named = document.runs.filter { !$0.folder.isEmpty }.sorted { $0.order < $1.order }
        guard !named.isEmpty else { return "" }
        let rows = named.map { [$0.folder, $0.setup, $0.startedAt, $0.void ? "void" : $0.verdict] }
        return DataTable(
            columns: ["folder", "setup", "started", "verdict"], rows: rows, caption: "The blocks' folders",
            words: [1, 2, 3]
        ).collapsed
    }
}
