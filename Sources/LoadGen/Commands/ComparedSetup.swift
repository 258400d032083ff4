import Foundation

/// One side of a comparison under a name of its own, `NAME` or `LABEL=NAME`: a setup, or servers that run already.
struct ComparedSetup: Sendable {
    var label: String
    /// As it was given: a setup's name or file, or URLs.
    var subject: String
    var inputs: RunInputs

    /// - Parameter list: `a,b` or `before=a,after=my.yaml`: each part is a setup's name or file, or the URL of a server
    ///   that runs already, with a label if wanted.
    static func list(_ list: String, scenario: String, load: LoadOptions) throws -> [ComparedSetup] {
        let setups = try list.split(separator: ",").map { part in
            let words = part.split(separator: "=", maxSplits: 1).map(String.init)
            let subject = words.last ?? ""
            let isURL = subject.contains("://")
            let inputs = try RunInputs(
                scenario: scenario, setup: isURL ? nil : subject, load: load, target: isURL ? subject : nil)
            let name = inputs.targets.map { $0.map { "\($0.host):\($0.port)" }.joined() } ?? inputs.setupName
            return ComparedSetup(label: words.count == 2 ? words[0] : name, subject: subject, inputs: inputs)
        }
        guard setups.count >= 2 else {
            throw UsageError(description: "--setups needs two or more, as in --setups nonsticky,sticky-cookie")
        }
        for setup in setups where setups.count(where: { $0.label == setup.label }) > 1 {
            throw UsageError(
                description: "--setups has '\(setup.label)' more than once: give each its own label, as in "
                    + "a=\(setup.subject),b=\(setup.subject)")
        }
        return setups
    }
}
