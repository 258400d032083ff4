import Foundation

/// One side of a comparison: a setup under a name of its own, `NAME` or `LABEL=NAME`.
struct ComparedSetup: Sendable {
    var label: String
    var inputs: RunInputs

    /// - Parameter list: `a,b` or `before=a,after=my.yaml`: each part is a setup's name or file, with a label if wanted.
    static func list(_ list: String, scenario: String, load: LoadOptions) throws -> [ComparedSetup] {
        let setups = try list.split(separator: ",").map { part in
            let words = part.split(separator: "=", maxSplits: 1).map(String.init)
            let inputs = try RunInputs(scenario: scenario, setup: words.last, load: load)
            return ComparedSetup(label: words.count == 2 ? words[0] : inputs.setupName, inputs: inputs)
        }
        guard setups.count >= 2 else {
            throw UsageError(description: "--setups needs two or more, as in --setups nonsticky,sticky-cookie")
        }
        for setup in setups where setups.count(where: { $0.label == setup.label }) > 1 {
            throw UsageError(
                description: "--setups has '\(setup.label)' more than once: give each its own label, as in "
                    + "a=\(setup.label),b=\(setup.label)")
        }
        return setups
    }
}
