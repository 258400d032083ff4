import Foundation

/// What the launcher writes about a process before the process becomes what it is for: `<pid> <start> <signal>`.
struct PartRecord: Sendable, Codable, Equatable {
    var process: ProcessIdentity
    /// The name of the signal that asks it to stop, without SIG: TERM, QUIT.
    var stopSignal: String

    /// - Returns: nil if the line is not whole (yet).
    static func parse(_ text: String) -> PartRecord? {
        guard text.hasSuffix("\n") else { return nil }
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, let id = Int32(fields[0]), id > 1, let start = UInt64(fields[1]) else { return nil }
        return PartRecord(process: ProcessIdentity(id: id, start: start), stopSignal: String(fields[2]))
    }

    static func read(_ url: URL) -> PartRecord? {
        (try? String(contentsOf: url, encoding: .utf8)).flatMap(parse)
    }

    var signalNumber: Int32 {
        switch stopSignal {
        case "QUIT": SIGQUIT
        case "KILL": SIGKILL
        default: SIGTERM
        }
    }

    /// Asks it to stop; after the timeout it and its process group are killed.
    func stop(timeout: Duration) async {
        guard process.isAlive else { return }
        // What was paused, as a fault does it, with all that descends from it.
        let all = ProcessStat.all()
        if let root = all.first(where: { $0.id == self.process.id }) {
            for stat in ProcessUsage.descendants(of: root, in: all) { kill(stat.id, SIGCONT) }
        }
        kill(process.id, signalNumber)
        // Not cancelled with the run: an interrupted run stops its processes all the same.
        let process = process
        let ended = await Task {
            let deadline = ContinuousClock.now + timeout
            while ContinuousClock.now < deadline {
                if !process.isAlive { return true }
                try? await Task.sleep(for: .milliseconds(10))
            }
            return false
        }.value
        if !ended, process.isAlive {
            kill(-process.id, SIGKILL)
            kill(process.id, SIGKILL)
        }
    }
}
