import Foundation

/// One process of a stack, known by its record: it need not be this program's child.
struct StackPart: Sendable, Codable, Equatable {
    enum Kind: String, Sendable, Codable {
        case store, broker, server, balancer
    }

    var name: String
    var kind: Kind
    var record: PartRecord
    /// On 127.0.0.1.
    var port: Int
    var probe: Probe
    /// The file that holds what it logs.
    var logPath: String

    var processID: Int32 { record.process.id }

    var isRunning: Bool { record.process.isAlive }

    /// It runs, and answers.
    func isReady() async -> Bool {
        guard isRunning else { return false }
        return await probe.isReady(port: port)
    }

    /// CPU and memory of it and its children; nil if it has ended.
    var usage: ProcessUsage? { .of(record.process) }

    var baseURL: String { "http://127.0.0.1:\(port)" }

    var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) {
        guard isRunning else { return }
        kill(processID, number)
    }

    func stop(timeout: Duration = .seconds(10)) async {
        await record.stop(timeout: timeout)
    }
}

/// Why a part did not come up.
struct PartFailure: Error, CustomStringConvertible {
    var part: String
    /// `ended`, `was not ready within 20 s`
    var reason: String
    /// What it logged.
    var log: String

    /// It came up and went down again.
    var hasEnded: Bool { reason == "ended" }

    /// Somebody else listens on the port that it was given.
    var isPortTaken: Bool { log.localizedCaseInsensitiveContains("address already in use") }

    var description: String {
        let tail = log.split(separator: "\n").suffix(12).joined(separator: "\n")
        return "\(part) \(reason)" + (tail.isEmpty ? "; it logged nothing" : "; its log says:\n\(tail)")
    }
}
