/// A capacity search as one page: the interval in a sentence, then the steps that led to it.
struct CapacityPage: Sendable {
    let document: CapacityDocument

    func render() -> String {
        let chart = CapacityChart(document: document)
        let notes = document.notes.map { "<p class=\"notice\">\($0)</p>\n" as Markup }.joined()
        let sections: [HTMLPage.Section?] = [
            .init(
                "knee-section", "The knee",
                note: "A step passes only if the rule holds, nothing was lost and the generator was not the limit.",
                notes + (chart.knee?.html ?? "")),
            .init("search-section", "The search", (chart.search?.html ?? "") + table),
            .init(
                "environment", "Environment",
                document.environment.map { HTMLReport.facts(HTMLReport.facts(of: $0)) } ?? ""),
            .init("reproduce", "Reproduce", reproduce),
        ]
        return HTMLPage(
            title: "Capacity of \(Format.printable(document.setup)): \(Format.printable(document.scenario))",
            kicker: kicker, headline: "<h1>\(ComparisonPage.unbroken(answer))</h1>\n<p class=\"lede\">\(lede)</p>",
            sections: sections.compactMap { $0 },
            footer: "<p>Made by LoadGen from capacity.json. This file fetches nothing.</p>"
        ).render()
    }

    private var kicker: Markup {
        let started = document.startedAt.prefix(19).replacing("T", with: " ")
        return """
            Capacity of <b>\(document.setup)</b> under <b>\(document.scenario)</b> · \
            \(started.isEmpty ? "" : "\(started) UTC · ")seed \(String(document.seed))
            """
    }

    /// The interval in a sentence; where the search found no end, it says which.
    var answer: String {
        let unit = document.loadUnit
        let (setup, rule) = (Format.printable(document.setup), Format.printable(document.rule))
        switch (document.interval.low, document.interval.high) {
        case (let low?, let high?):
            return "\(setup) keeps \(rule) up to between \(FigureUnit.bare(low)) and \(unit.text(high))."
        case (let low?, nil):
            return "\(setup) keeps \(rule) at \(unit.text(low)), and no load that was tried broke it."
        case (nil, let high?):
            return "\(setup) does not keep \(rule) at \(unit.text(high)), nor at any load that was tried."
        case (nil, nil):
            return "The search found no load at which \(setup) keeps or breaks \(rule)."
        }
    }

    private var lede: String {
        let steps = document.steps
        let (void, passed) = (steps.count { $0.void }, steps.count { $0.passed && !$0.void })
        return
            "\(TerminalReport.plural(steps.count, "step")): \(passed) passed, "
            + "\(steps.count - passed - void) failed, \(void) void. "
            + "The end of a search is an interval: the same load passes in one run and fails in the next."
    }

    private var table: Markup {
        DataTable(
            columns: Self.columns, rows: rows, caption: "The steps in the order in which they ran", words: [3, 4, 5]
        )
        .html
    }

    private static let columns = ["step", "load", "measured", "result", "reason", "folder"]

    private var rows: [[String]] {
        document.steps.sorted { $0.order < $1.order }.map { step in
            [
                String(step.order), document.loadUnit.text(step.load), document.valueUnit.text(step.value),
                step.void ? "○ void" : step.passed ? "✓ passed" : "✗ failed", step.reason ?? "", step.folder ?? "",
            ]
        }
    }

    private var reproduce: Markup {
        let commit = document.environment?.commit ?? ""
        let checkout = commit.isEmpty || commit == "unknown" ? "" : "git checkout \(commit.prefix { $0 != "+" })\n"
        let of = document.of == "clients" ? " --of clients" : ""
        let command =
            "LoadGen capacity \(document.scenario) --setup \(document.setup) --slo '\(document.rule)'\(of) "
            + "--seed \(document.seed)"
        return "<pre><code>\(checkout)\(command)</code></pre>"
    }
}
