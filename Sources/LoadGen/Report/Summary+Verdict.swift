extension Summary {
    enum Verdict: String, Codable, Sendable, CaseIterable {
        case pass
        case thresholdFailed = "threshold_failed"
        case integrityFailed = "integrity_failed"
        case generatorBottleneck = "generator_bottleneck"
        case interrupted
        case error

        /// The program's exit status. A run that could not be carried through lacked a server at its end: 69.
        var exitStatus: Int32 {
            switch self {
            case .pass: 0
            case .thresholdFailed: 99
            case .integrityFailed: 97
            case .generatorBottleneck: 96
            case .interrupted: 105
            case .error: 69
            }
        }
    }

    /// Everything that is wrong with the run, gravest first: what makes the figures meaningless stands before what
    /// the figures say. Empty for a pass.
    var faults: [Verdict] {
        var faults: [Verdict] = []
        if interrupted { faults.append(.interrupted) }
        if generator.void { faults.append(.generatorBottleneck) }
        if !integrity.isIntact { faults.append(.integrityFailed) }
        if failure != nil { faults.append(.error) }
        if thresholds.contains(where: { !$0.pass }) { faults.append(.thresholdFailed) }
        return faults
    }

    var verdict: Verdict { faults.first ?? .pass }

    var exitStatus: Int32 { verdict.exitStatus }
}
