import Foundation

@testable import LoadGen

/// What runs of a stack, seen from outside.
enum StackProcesses {
    /// A part's process and all below it.
    static func of(_ part: StackPart) -> [ProcessIdentity] {
        let all = ProcessStat.all()
        guard let root = all.first(where: { $0.id == part.processID }) else { return [] }
        return ProcessUsage.descendants(of: root, in: all).map { ProcessIdentity(id: $0.id, start: $0.start) }
    }

    /// Everything that the records of the stacks below a temporary folder name, with what is below that.
    static func all(in temporary: URL) -> [ProcessIdentity] {
        let all = ProcessStat.all()
        let records = Leftovers.folders(in: temporary).flatMap(\.records.values).filter(\.process.isAlive)
        return records.flatMap { record in
            all.filter { $0.id == record.process.id }.flatMap { ProcessUsage.descendants(of: $0, in: all) }
        }.map { ProcessIdentity(id: $0.id, start: $0.start) }
    }

    static func alive(_ processes: [ProcessIdentity]) -> [ProcessIdentity] { processes.filter(\.isAlive) }

    /// True if all have ended, or do so soon.
    static func areGone(_ processes: [ProcessIdentity], within timeout: Duration = .seconds(8)) async -> Bool {
        await eventually(within: timeout) { !processes.contains(where: \.isAlive) }
    }

    static func eventually(within timeout: Duration = .seconds(8), _ isTrue: () -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            if isTrue() { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return isTrue()
    }

    /// The process that ends the stack of a program that has been killed.
    static func keeper(of program: Int32) -> Int32? {
        ProcessStat.all().first { stat in
            guard stat.parent == program else { return false }
            let words = FileManager.default.contents(atPath: "/proc/\(stat.id)/cmdline") ?? Data()
            return String(decoding: words, as: UTF8.self).contains("chatbench-keeper")
        }?.id
    }
}
