import Foundation

extension HTMLReport {
    var instances: Markup {
        let total = summary.servers.map(\.deliveries).reduce(0, +)
        let bars = summary.servers.map { server -> BarChart.Bar in
            let share = total > 0 ? Format.percent(Double(server.deliveries) / Double(total)) : ""
            return .init(
                name: server.instance, value: Double(server.deliveries), note: share,
                details: [
                    "up to \(Format.count(server.connectionsMax)) connections",
                    "CPU: \(Format.seconds(server.cpuSeconds))", "memory: \(Format.bytes(server.rssBytes))",
                ])
        }
        let chart = BarChart(
            id: "instance-deliveries", title: "Deliveries by instance", unit: .count("deliveries"), bars: bars)
        return (chart.figure?.html ?? "") + (FlowChart(flows: record.flows).figure?.html ?? crossing)
            + machines
    }

    /// Stands in for the matrix where the run did not record who sent to whom.
    private var crossing: Markup {
        guard summary.servers.count > 1 else { return "" }
        return """
            <p>\(Format.percent(summary.messages.crossInstanceShare)) of the deliveries crossed from one instance to \
            another.</p>

            """
    }

    private var machines: Markup {
        let seconds = summary.durationS
        func cpu(_ used: Double) -> [String] {
            [Format.seconds(used), seconds > 0 ? FigureUnit.cores.text(used / seconds) : Format.none]
        }
        var rows = summary.servers.map { server in
            [server.instance, "chat server"] + cpu(server.cpuSeconds)
                + [Format.bytes(server.rssBytes), Format.count(server.connectionsMax)]
        }
        rows += record.parts.map { part in
            [part.name, part.kind] + cpu(part.cpuSeconds) + [Format.bytes(part.rssBytes), ""]
        }
        let generator = summary.generator
        rows.append(
            ["LoadGen", "generator"] + cpu(generator.cpuSeconds)
                + [Format.bytes(generator.rssBytes), Format.count(summary.clients.connected)])
        return DataTable(
            columns: ["process", "kind", "CPU", "CPU, mean", "memory, largest", "connections, largest"], rows: rows,
            caption: "What each process used over the measured phases", words: [1]
        ).html
    }

    var integrity: Markup {
        let meanings = [
            "lost": "due, and did not come", "duplicated": "came again on one connection",
            "out_of_order": "came after a later one", "unacked": "sent, and neither acked nor refused",
            "unexpected": "came to who should not have it", "store_missing": "acked or delivered, and not in the store",
        ]
        let rows = summary.integrity.figures.map { figure -> Markup in
            let isUnproved = figure.value == 0 && summary.unproved.contains(figure.name)
            let mark: Markup =
                if isUnproved {
                    "<span class=\"mark\">–</span>"
                } else {
                    figure.value == 0 ? "<span class=\"mark good\">✓</span>" : "<span class=\"mark bad\">✗</span>"
                }
            return """
                <tr><th scope="row">\(mark)\(figure.name.replacing("_", with: " "))</th>\
                <td>\(isUnproved ? "not checked" : Format.count(figure.value))</td>\
                <td class="wrap quiet">\(meanings[figure.name] ?? "")</td></tr>

                """
        }
        let details = summary.integrityDetail.prefix(Summary.integrityDetailLimit).map { "<li>\($0)</li>" as Markup }
        let isProved = summary.messages.delivered > 0 && !summary.unproved.contains("lost")
        let absent = summary.messages.delivered > 0 ? "verified" : "delivered"
        let proof: Markup =
            isProved
            ? """
            <p>\(Format.count(summary.messages.delivered)) deliveries checked of \
            \(Format.count(summary.messages.expectedDeliveries)) expected.</p>
            """ : "<p class=\"notice\">Nothing was \(absent): these figures prove nothing.</p>"
        let list: Markup = details.isEmpty ? "" : "<p>The first violations:</p><ul>\(details.joined())</ul>"
        return """
            \(proof)
            <div class="scroll" tabindex="0" role="group" aria-label="Integrity"><table>
            <thead><tr><th scope="col">kind</th><th scope="col">count</th>\
            <th scope="col" class="words">meaning</th></tr></thead>
            <tbody>
            \(rows.joined())</tbody></table></div>
            \(list)
            """
    }

    var load: Markup {
        let (messages, clients, seconds) = (summary.messages, summary.clients, summary.durationS)
        func count(_ label: String, _ value: Int) -> [String] {
            [label, Format.count(value), seconds > 0 ? Format.rate(Double(value) / seconds) : Format.none]
        }
        var rows = [
            count("offered", messages.offered), count("sent", messages.sent), count("acked", messages.acked),
            count("stored", messages.persisted), count("deliveries expected", messages.expectedDeliveries),
            count("delivered", messages.delivered),
        ]
        if messages.deliveredByHistory > 0 { rows.append(count("found in the history", messages.deliveredByHistory)) }
        if messages.unsent > 0 { rows.append(count("unsent", messages.unsent)) }
        if messages.rejected > 0 { rows.append(count("rejected by the server", messages.rejected)) }
        var facts: [(String, String)] = [
            ("clients", "\(Format.count(clients.connected)) of \(Format.count(clients.target)) connected"),
            ("lost connections", "\(Format.count(clients.disconnected)), \(Format.count(clients.reconnected)) back"),
        ]
        if let away = record.reconnect {
            let times = "p50 \(Format.duration(away.p50)), p99 \(Format.duration(away.p99))"
            facts.append(("away after a loss", "\(times), longest \(Format.duration(away.max))"))
        }
        if clients.failed > 0 { facts.append(("never connected", Format.count(clients.failed))) }
        facts += Self.largestFirst(clients.failures).map { ("connection: \($0.0)", Format.count($0.1)) }
        facts += Self.largestFirst(summary.errors).map { ("error event: \($0.0)", Format.count($0.1)) }
        let lag = summary.generator.lag
        let lags =
            lag.count > 0
            ? "p50 \(Format.duration(lag.p50)), p99 \(Format.duration(lag.p99)), max \(Format.duration(lag.max))"
            : "no samples"
        facts.append(("generator's lag", summary.generator.void ? "VOID; \(lags)" : lags))
        return DataTable(columns: ["messages", "count", "a second"], rows: rows).html + Self.facts(facts)
    }

    var environment: Markup { Self.facts(Self.facts(of: summary.environment)) }

    /// What is not known, as in a comparison of files of `make perf`, is empty.
    static func facts(of environment: Summary.Environment) -> [(String, String)] {
        let (memory, files) = (environment.memoryBytes, environment.fdLimit)
        return [
            ("processor", "\(environment.cpu), \(Format.count(environment.cores)) cores"),
            ("memory", memory > 0 ? Format.bytes(memory) : ""), ("kernel", environment.kernel),
            ("store", environment.store), ("broker", environment.broker), ("balancer", environment.balancer),
            ("LoadGen", environment.build.isEmpty ? "" : "commit \(environment.commit), \(environment.build) build"),
            ("open files", files > 0 ? "\(Format.count(files)) for each process" : ""),
        ]
    }

    static func facts(_ facts: [(String, String)]) -> Markup {
        let rows = facts.filter { !$0.1.isEmpty }.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>\n" as Markup }
        return "<dl class=\"facts\">\(rows.joined())</dl>"
    }

    /// Of many reasons, the ones that matter come first; equal ones by name.
    private static func largestFirst(_ counts: [String: Int]) -> [(String, Int)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
}
