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
            prose("✓ PASS: " + summary.sentence(.pass), indent: 2, hanging: 2, style: .green)
            return
        }
        let word = Self.headline(gravest).prefix { $0 != ":" }
        let text = "✗ \(word): \(summary.sentence(gravest)) (exit status \(gravest.exitStatus))"
        prose(text, indent: 2, hanging: 2, style: .red)
        for fault in faults.dropFirst() {
            prose("✗ also: \(summary.sentence(fault))", indent: 2, hanging: 2, style: .red)
        }
    }

    static func plural(_ count: Int, _ noun: String) -> String {
        "\(Format.count(count)) \(noun)\(count == 1 ? "" : "s")"
    }
}
