import Foundation
import Synchronization

/// The parts of a stack as they are now: one that was started again is another process.
final class PartRoster: Sendable {
    private let parts: Mutex<[StackPart]>

    /// - Parameter parts: in the order of their start.
    init(_ parts: [StackPart]) {
        self.parts = Mutex(parts)
    }

    var all: [StackPart] { parts.withLock { $0 } }

    /// Puts a part in the place of the one with its name.
    func replace(with part: StackPart) {
        parts.withLock { parts in
            guard let place = parts.firstIndex(where: { $0.name == part.name }) else { return }
            parts[place] = part
        }
    }
}

/// Breaks a stack's parts and mends them again. One fault at a time.
final class FaultInjector: Sendable {
    private let roster: PartRoster
    private let launcher: Launcher

    init(_ roster: PartRoster, _ launcher: Launcher) {
        self.roster = roster
        self.launcher = launcher
    }

    /// The part that a fault strikes; nil if the stack has none of the kind.
    func part(for target: Fault.Target) -> StackPart? {
        let parts = roster.all
        return switch target {
        case .instance: parts.last { $0.kind == .server }
        case .postgres: parts.first { $0.kind == .store }
        case .redis: parts.first { $0.kind == .broker }
        case .balancer: parts.first { $0.kind == .balancer }
        }
    }

    /// Breaks it. A restart is over when this returns.
    /// - Throws: ``StackError``, ``PartFailure``.
    func begin(_ fault: Fault) async throws {
        let part = try require(fault)
        guard part.isRunning else { throw PartFailure(part: part.name, reason: "had ended by itself", log: part.log) }
        switch fault.action {
        case .kill: await end(part, with: SIGKILL)
        case .pause: part.signalAll(SIGSTOP)
        case .restart:
            // What Postgres calls fast: sessions are ended, and a checkpoint is written.
            await end(part, with: part.kind == .store ? SIGINT : SIGTERM)
            try await revive(part)
        }
    }

    /// Mends it, and returns when the part answers again.
    /// - Throws: ``StackError``, ``PartFailure``.
    func end(_ fault: Fault) async throws {
        let part = try require(fault)
        switch fault.action {
        case .kill: try await revive(part)
        case .pause:
            part.signalAll(SIGCONT)
            try await launcher.waitUntilReady(part)
        case .restart: break
        }
    }

    private func require(_ fault: Fault) throws -> StackPart {
        guard let part = part(for: fault.target) else {
            throw StackError(description: "there is no \(fault.target.rawValue) to \(fault.action.rawValue)")
        }
        return part
    }

    private func end(_ part: StackPart, with signal: Int32) async {
        if signal == SIGKILL { part.signalAll(signal) } else { part.signal(signal) }
        let deadline = ContinuousClock.now + .seconds(15)
        while part.isRunning {
            if ContinuousClock.now > deadline { part.signalAll(SIGKILL) }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func revive(_ part: StackPart) async throws {
        roster.replace(with: try await launcher.revive(part))
    }
}

extension StackPart {
    /// To the process and to all that descend from it: Postgres' sessions have process groups of their own.
    fileprivate func signalAll(_ number: Int32) {
        let all = ProcessStat.all()
        guard let root = all.first(where: { $0.id == processID }), root.start == record.process.start else { return }
        for stat in ProcessUsage.descendants(of: root, in: all) { kill(stat.id, number) }
    }
}
