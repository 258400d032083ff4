import Foundation

/// What is to be started as a part of a stack.
struct PartCommand: Sendable {
    var name: String
    var kind: StackPart.Kind
    var executable: URL
    var arguments: [String]
    /// Added to what ``ChildEnvironment`` leaves. Passwords travel here: anybody may read a command line.
    var environment: [String: String] = [:]
    /// Nil: this program's user.
    var account: ServiceAccount?
    var stopSignal = "TERM"
    var log: URL
    /// It is started again: what it logged before stays.
    var appendsLog = false
    var probe: Probe

    /// The command as the launcher gets it, with what changes the user before it.
    var words: [String] { (account?.prefix ?? []) + [executable.path] + arguments }
}
