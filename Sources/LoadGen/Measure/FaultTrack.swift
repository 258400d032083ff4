/// Plays the faults of a run's phases, and notes when each began and ended. The schedule does not wait for them.
///
/// Begins and ends follow each other in the order of the phases, each after the one before it is done.
actor FaultTrack {
    private let injector: FaultInjector?
    private var current: Fault?
    private var previous: Task<Void, Never>?
    private(set) var faults: [Summary.InjectedFault] = []
    /// What could not be broken, or could not be mended.
    private(set) var failures: [String] = []

    /// - Parameter injector: nil where no phase has a fault.
    init(_ injector: FaultInjector?) {
        self.injector = injector
    }

    /// The schedule has come to a phase with this fault, or with none.
    /// - Parameter elapsed: the seconds since the run's start, whenever it is called.
    func enter(_ next: Fault?, elapsed: @escaping @Sendable () -> Double) {
        guard let injector else { return }
        let (ending, earlier) = (current, previous)
        current = next
        guard ending != nil || next != nil else { return }
        previous = Task {
            await earlier?.value
            if let ending { await self.end(ending, injector, elapsed) }
            if let next { await self.begin(next, injector, elapsed) }
        }
    }

    /// Ends what is broken still, and returns when all is mended.
    func finish(elapsed: @escaping @Sendable () -> Double) async {
        enter(nil, elapsed: elapsed)
        await previous?.value
    }

    private func begin(_ fault: Fault, _ injector: FaultInjector, _ elapsed: @Sendable () -> Double) async {
        let name = injector.part(for: fault.target)?.name ?? fault.target.rawValue
        faults.append(
            Summary.InjectedFault(name: fault.name, kind: fault.action.rawValue, part: name, startS: elapsed()))
        do {
            try await injector.begin(fault)
            if fault.action == .restart { faults[faults.count - 1].endS = elapsed() }
        } catch {
            failures.append("could not \(fault.name): \(error)")
        }
    }

    private func end(_ fault: Fault, _ injector: FaultInjector, _ elapsed: @Sendable () -> Double) async {
        do {
            try await injector.end(fault)
            if fault.action != .restart { faults[faults.count - 1].endS = elapsed() }
        } catch {
            failures.append("could not mend \(fault.name): \(error)")
        }
    }
}
