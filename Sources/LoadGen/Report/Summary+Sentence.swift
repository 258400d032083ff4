extension Summary {
    /// What is wrong with the run in the words of a report, or for `pass` what was proved; it ends with a full stop.
    func sentence(_ fault: Verdict) -> String {
        switch fault {
        case .pass:
            return passed
        case .thresholdFailed:
            let broken = thresholds.filter { !$0.pass }
            let rules = broken.prefix(3).map { Format.printable($0.rule) }.joined(separator: "; ")
            let more = broken.count > 3 ? "; …" : ""
            return "\(broken.count) of \(TerminalReport.plural(thresholds.count, "threshold")) broken: \(rules)\(more)."
        case .integrityFailed:
            let figures = integrity.figures.filter { $0.value != 0 }
                .map { "\(Format.count($0.value)) \($0.name.replacing("_", with: " "))" }
            return "messages were not delivered as promised: \(figures.joined(separator: ", "))."
        case .generatorBottleneck:
            let reason = generator.voidReason.map { " (\(Format.printable($0)))" } ?? ""
            return "the generator was the bottleneck\(reason). These figures measure the generator, not the server:"
                + " do not use them."
        case .interrupted:
            return "the run was stopped before its end; the figures cover what was measured until then."
        case .error:
            return "\(Format.printable(failure ?? "the run could not be carried through"))."
        }
    }

    private var passed: String {
        let rules = thresholds.count
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
}
