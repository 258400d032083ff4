import Foundation

extension TerminalReport {
    mutating func messages() {
        let messages = summary.messages
        section("MESSAGES")
        figure("offered", withRate(messages.offered))
        figure("sent", withRate(messages.sent, messages.sendRate))
        if messages.unsent > 0 { figure("unsent", Format.count(messages.unsent)) }
        if messages.rejected > 0 { figure("rejected by the server", Format.count(messages.rejected)) }
        figure("acked", withRate(messages.acked))
        figure("persisted", withRate(messages.persisted))
        figure("delivered", withRate(messages.delivered, messages.deliveryRate))
        if messages.deliveredByHistory > 0 { figure("  by history", Format.count(messages.deliveredByHistory)) }
        figure("  expected", Format.count(messages.expectedDeliveries))
        if messages.crossInstanceShare > 0 {
            figure("  across instances", Format.percent(messages.crossInstanceShare))
        }
    }

    mutating func clients() {
        let clients = summary.clients
        section("CLIENTS")
        figure("connected", "\(Format.count(clients.connected)) of \(Format.count(clients.target))")
        if clients.failed > 0 { figure("failed", Format.count(clients.failed)) }
        for (reason, count) in Self.largestFirst(clients.failures) {
            figure("  " + Format.printable(reason), Format.count(count))
        }
        figure("disconnected", Format.count(clients.disconnected))
        figure("reconnected", Format.count(clients.reconnected))
        guard let churn = summary.churn else { return }
        figure("guests", "\(Format.count(churn.joined)) joined")
        figure("  left by themselves", Format.count(churn.left))
        figure("  removed by the owner", Format.count(churn.removed))
        figure("  refused when out", Format.count(churn.refused))
    }

    mutating func errors() {
        guard !summary.errors.isEmpty else { return }
        section("ERRORS FROM THE SERVER")
        for (code, count) in Self.largestFirst(summary.errors) {
            figure(Format.printable(code), Format.count(count))
        }
    }

    mutating func generator() {
        let generator = summary.generator
        let keptUp = !generator.void && generator.lag.count > 0
        section("GENERATOR", note: keptUp ? "kept up with its schedule" : "")
        if generator.void {
            let reason = generator.voidReason.map { ": " + Format.printable($0) } ?? ""
            prose("✗ VOID" + reason, indent: 4, style: .red)
        }
        let lag = generator.lag
        let lags = [("p50", lag.p50), ("p99", lag.p99), ("max", lag.max)].map { "\($0) \(Format.duration($1))" }
        figure("schedule lag", lag.count > 0 ? lags.joined(separator: ", ") : "no samples")
        figure("cpu", Format.seconds(generator.cpuSeconds))
        let share = generator.bytesPerClient > 0 ? ", \(Format.bytes(generator.bytesPerClient)) a client" : ""
        figure("memory", Format.bytes(generator.rssBytes) + share)
    }

    mutating func servers() {
        guard !summary.servers.isEmpty else { return }
        let widths = [9, 10, 13, 13]
        let labelWidth = min(26, width - 4 - widths.reduce(0, +))
        func row(_ label: String, _ cells: [String]) -> String {
            Format.padded(Format.truncated(label, to: labelWidth - 1), to: labelWidth)
                + zip(cells, widths).map { Format.rightAligned($0, to: $1) }.joined()
        }
        let titles = row("", ["cpu", "memory", "connections", "deliveries"]).dropFirst("SERVERS".count - 2)
        lines += ["", "  " + palette.paint("SERVERS", .bold) + palette.paint(String(titles), .dim)]
        for server in summary.servers {
            let cells = [
                Format.seconds(server.cpuSeconds), Format.bytes(server.rssBytes), Format.count(server.connectionsMax),
                Format.count(server.deliveries),
            ]
            lines.append("    " + row(Format.printable(server.instance), cells))
        }
        for part in summary.parts {
            let cells = [Format.seconds(part.cpuSeconds), Format.bytes(part.rssBytes)]
            lines.append("    " + row(Format.printable(part.name), cells))
        }
    }

    /// What the run itself has broken, in the order in which it did.
    mutating func injectedFaults() {
        guard !summary.injectedFaults.isEmpty else { return }
        section("FAULTS", note: "what this run broke on purpose, in seconds from its start")
        for fault in summary.injectedFaults {
            let span = fault.endS.map { end in
                "\(Format.seconds(fault.startS)) to \(Format.seconds(end)), \(Format.seconds(end - fault.startS))"
            }
            figure(Format.printable(fault.name), span ?? "\(Format.seconds(fault.startS)), not mended")
        }
    }

    private func withRate(_ count: Int, _ rate: Double? = nil) -> String {
        let perSecond = rate ?? (summary.durationS > 0 ? Double(count) / summary.durationS : .nan)
        let text = Format.padded(Format.count(count), to: 14)
        return perSecond.isFinite ? text + Format.rate(perSecond) : Format.count(count)
    }

    /// Of many reasons, the ones that matter come first; equal ones by name, so that two runs compare.
    private static func largestFirst(_ counts: [String: Int]) -> [(String, Int)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
}
