import Foundation

extension TerminalReport {
    /// The few words of the banner.
    static func headline(_ verdict: Summary.Verdict) -> String {
        switch verdict {
        case .pass: "PASS"
        case .thresholdFailed: "FAILED: a threshold does not hold"
        case .integrityFailed: "FAILED: messages were not delivered as promised"
        case .generatorBottleneck: "VOID: the generator was the bottleneck"
        case .interrupted: "INTERRUPTED: figures are of a part of the run"
        case .error: "ERROR: the run could not be carried through"
        }
    }

    /// One sentence on the gravest fault, and one more for each other.
    mutating func verdict() {
        lines.append("")
        let faults = summary.faults
        guard let gravest = faults.first else {
            prose("✓ PASS: " + passed, indent: 2, hanging: 2, style: .green)
            return
        }
        let word = Self.headline(gravest).prefix { $0 != ":" }
        let text = "✗ \(word): \(sentence(gravest)) (exit status \(gravest.exitStatus))"
        prose(text, indent: 2, hanging: 2, style: .red)
        for fault in faults.dropFirst() {
            prose("✗ also: \(sentence(fault))", indent: 2, hanging: 2, style: .red)
        }
    }

    private var passed: String {
        let messages = summary.messages
        let rules = summary.thresholds.count
        let held =
            switch rules {
            case 0: "no threshold was set"
            case 1: "the threshold holds"
            default: "all \(rules) thresholds hold"
            }
        guard messages.delivered > 0 else {
            return "\(held); no message was delivered, so nothing is proved of delivery."
        }
        return "\(held), and \(Format.count(messages.delivered)) deliveries arrived once each, in order."
    }

    private func sentence(_ fault: Summary.Verdict) -> String {
        switch fault {
        case .pass:
            return passed
        case .thresholdFailed:
            let broken = summary.thresholds.filter { !$0.pass }
            let rules = broken.prefix(3).map { Format.printable($0.rule) }.joined(separator: "; ")
            let more = broken.count > 3 ? "; …" : ""
            return "\(broken.count) of \(Self.plural(summary.thresholds.count, "threshold")) broken: \(rules)\(more)."
        case .integrityFailed:
            let figures = summary.integrity.figures.filter { $0.value != 0 }
                .map { "\(Format.count($0.value)) \($0.name.replacing("_", with: " "))" }
            return "messages were not delivered as promised: \(figures.joined(separator: ", "))."
        case .generatorBottleneck:
            let reason = summary.generator.voidReason.map { " (\(Format.printable($0)))" } ?? ""
            return "the generator was the bottleneck\(reason). These figures measure the generator, not the server:"
                + " do not use them."
        case .interrupted:
            return "the run was stopped before its end; the figures cover what was measured until then."
        case .error:
            return "\(Format.printable(summary.failure ?? "the run could not be carried through"))."
        }
    }

    static func plural(_ count: Int, _ noun: String) -> String {
        "\(Format.count(count)) \(noun)\(count == 1 ? "" : "s")"
    }
}
