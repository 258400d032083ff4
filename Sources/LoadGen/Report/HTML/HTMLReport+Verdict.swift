import Foundation

extension HTMLReport {
    /// The verdict as a stamp: a word, and the class of its colour.
    var stamp: (word: String, mark: String, style: String) {
        switch summary.verdict {
        case .pass: ("PASS", "✓", "good")
        case .thresholdFailed, .integrityFailed: ("FAILED", "✗", "bad")
        case .generatorBottleneck: ("VOID", "✗", "bad")
        case .interrupted: ("INTERRUPTED", "✗", "warn")
        case .error: ("ERROR", "✗", "bad")
        }
    }

    var kicker: Markup {
        let started = summary.startedAt.prefix(19).replacing("T", with: " ")
        let facts = [
            started.isEmpty ? "" : "\(started) UTC", "\(Format.seconds(summary.durationS)) measured",
            "seed \(summary.seed)",
        ]
        return
            "<b>\(summary.scenario)</b> on <b>\(summary.setup)</b> · "
            + .text(facts.filter { !$0.isEmpty }.joined(separator: " · "))
    }

    var headline: Markup {
        let sentence = summary.sentence(summary.verdict)
        let text = sentence.prefix(1).uppercased() + sentence.dropFirst()
        return """
            <h1><span class="stamp \(stamp.style)">\(stamp.mark) \(stamp.word)</span>\(text)</h1>
            <p class="lede">\(lede)</p>
            """
    }

    /// What was played and how it felt, in one sentence.
    private var lede: String {
        let (messages, deliver) = (summary.messages, summary.latency[.deliver])
        let played =
            "\(Format.count(summary.clients.connected)) clients sent \(Format.number(messages.sendRate)) messages "
            + "a second, which made \(Format.number(messages.deliveryRate)) deliveries a second"
        guard deliver.count > 0 else { return played + "." }
        return played + ". Half of these were there within \(Format.duration(deliver.p50)) of the instant at which the "
            + "message was due, 99% within \(Format.duration(deliver.p99)), and the slowest took "
            + "\(Format.duration(deliver.max))."
    }

    /// The other faults, and what was not measured.
    var notices: Markup {
        let others = summary.faults.dropFirst().map { fault -> Markup in
            "<p class=\"notice bad\"><b>Also:</b> \(summary.sentence(fault))</p>\n"
        }
        let faults = record.faults.map { fault -> Markup in
            let end = fault.endS.map { " until \(FigureUnit.seconds.text($0))" } ?? ""
            let name = fault.name.isEmpty ? "" : " (\(Format.printable(fault.name)))"
            return """
                <p class="notice"><b>Fault injected:</b> \(TimeAxis.label(fault))\(name) \
                at \(FigureUnit.seconds.text(fault.startS))\(end).</p>

                """
        }
        return others.joined() + faults.joined()
    }

    /// The few figures that people ask for.
    var figures: Markup {
        let latency = summary.latency
        var tiles: [Markup] = []
        func tile(_ label: String, _ value: String, _ note: String) {
            tiles.append("<div><dt>\(label)</dt><dd>\(value)<small>\(note)</small></dd></div>")
        }
        for (label, series) in [
            ("deliver, p99", Summary.Series.deliver), ("last receiver, p99", .lastReceiver), ("ack, p99", .ack),
        ]
        where latency[series].count > 0 {
            tile(label, Format.duration(latency[series].p99), "p50 \(Format.duration(latency[series].p50))")
        }
        tile(
            "deliveries", Format.rate(summary.messages.deliveryRate),
            "\(Format.count(summary.messages.delivered)) in all")
        tile("messages sent", Format.rate(summary.messages.sendRate), "\(Format.count(summary.messages.sent)) in all")
        if !summary.servers.isEmpty, summary.durationS > 0 {
            let cpu = summary.servers.map(\.cpuSeconds).reduce(0, +)
            let mean = String(format: "%.2f cores", cpu / summary.durationS)
            tile("servers' CPU", mean, "\(Format.seconds(cpu)) in all")
        }
        return "<dl class=\"figures\">\(tiles.joined())</dl>\n"
    }

    var thresholds: Markup {
        guard !summary.thresholds.isEmpty else {
            return "<p class=\"quiet\">None set: nothing in this run could fail but its integrity.</p>"
        }
        let rows = summary.thresholds.map { result -> Markup in
            let rule = try? Threshold.parse(result.rule)
            let value =
                result.note == nil ? rule?.metric.unit.format(result.value) ?? Format.number(result.value) : Format.none
            let mark: Markup = result.pass ? "<span class=\"mark good\">✓</span>" : "<span class=\"mark bad\">✗</span>"
            let words = [
                result.pass ? "kept" : "broken", result.note ?? rule.flatMap { Self.headroom($0, result.value) } ?? "",
            ]
            return """
                <tr><th scope="row">\(mark)<code>\(result.rule)</code></th><td>\(value)</td>\
                <td class="wrap">\(words.filter { !$0.isEmpty }.joined(separator: ": "))</td></tr>

                """
        }
        return """
            <div class="scroll" tabindex="0" role="group" aria-label="Thresholds"><table>
            <thead><tr><th scope="col">rule</th><th scope="col">measured</th>\
            <th scope="col" class="words">result</th></tr></thead>
            <tbody>
            \(rows.joined())</tbody></table></div>
            """
    }

    /// How much of a limit was used, for rules with an upper limit above 0.
    private static func headroom(_ rule: Threshold, _ value: Double) -> String? {
        guard rule.comparison == .less || rule.comparison == .lessOrEqual, rule.limit > 0 else { return nil }
        let share = value / rule.limit
        return share >= 10 ? "\(Format.number(share)) times the limit" : "\(Format.percent(share)) of the limit"
    }
}
