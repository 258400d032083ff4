import Foundation

/// What the options `-c`, `-r` and `-d` change in a scenario.
struct ScenarioOverrides: Sendable, Equatable {
    /// The number of clients; the rooms follow it, so that a room stays as large as it was.
    var clients: Int?
    /// The rate of each measured phase; the others keep their proportion to it.
    var rate: Double?
    /// The length of all measured phases together.
    var duration: Duration?

    init(clients: Int? = nil, rate: Double? = nil, duration: Duration? = nil) {
        self.clients = clients
        self.rate = rate
        self.duration = duration
    }
}

extension Scenario {
    /// Changes the scenario, or throws and leaves it as it was if it would not be valid any more.
    mutating func apply(_ overrides: ScenarioOverrides) throws(ConfigurationErrors) {
        guard overrides != ScenarioOverrides() else { return }
        var changed = self
        if let clients = overrides.clients { changed.resize(clients: clients) }
        if let rate = overrides.rate { changed.scaleRates(measured: rate) }
        if let duration = overrides.duration { changed.scaleMeasured(to: duration) }
        try changed.validate(source: "command line")
        self = changed
    }

    /// The file's rules hold for overrides too, and so the changed scenario goes through the file's reader.
    private func validate(source: String) throws(ConfigurationErrors) {
        do {
            _ = try Scenario.parse(yaml: yaml(), file: source)
        } catch {
            // One bad rate is an error in each phase that got it, and these differ only in their lines.
            var errors: [ConfigurationError] = []
            for error in error.errors {
                let placeless = ConfigurationError(file: source, message: error.message, hint: error.hint)
                if !errors.contains(placeless) { errors.append(placeless) }
            }
            throw ConfigurationErrors(errors: errors)
        }
    }

    /// Scales the number of rooms, not their size: the fan-out of a message is what a scenario is about. Only a
    /// scenario of one room has that room grow and shrink.
    private mutating func resize(clients new: Int) {
        let old = clients
        clients = new
        guard rooms.count > 0, old > 0, (1...Self.maximumClients).contains(new) else { return }
        switch rooms.members {
        case .fixed(let size) where rooms.count == 1:
            rooms.members = .fixed(max(1, size * new / old))
        case .fixed(let size):
            let fitting = min(size, new)
            let covering = (new + fitting - 1) / fitting
            rooms.members = .fixed(fitting)
            rooms.count = max(1, covering, rooms.count * new / old)
        case .zipf where new == 1:
            rooms = RoomsSpec(count: 1, members: .fixed(1), isPrivate: rooms.isPrivate)
        case .zipf(let exponent, let largest):
            let scaled = rooms.count == 1 ? max(2, largest * new / old) : largest
            rooms.members = .zipf(exponent: exponent, max: min(scaled, new))
            rooms.count = max(1, rooms.count * new / old)
            coverAllClients()
        }
    }

    /// A Zipf sequence does not grow in proportion: its new rooms are the small ones. Each has at least two members,
    /// so half as many rooms as there are places missing are surely enough.
    private mutating func coverAllClients() {
        let missing = clients - rooms.memberships
        guard missing > 0 else { return }
        var sized = rooms
        sized.count += (missing + 1) / 2
        var places = 0
        let needed = sized.memberCounts().firstIndex { size in
            places += size
            return places >= clients
        }
        rooms.count = needed.map { $0 + 1 } ?? sized.count
    }

    private mutating func scaleRates(measured rate: Double) {
        let old = measuredPhases.map(\.rate).max() ?? 0
        for index in phases.indices where phases[index].connectRate == nil && phases[index].inFlight == nil {
            if phases[index].measure {
                phases[index].rate = rate
            } else if old > 0 {
                phases[index].rate *= rate / old
            }
        }
    }

    private mutating func scaleMeasured(to total: Duration) {
        let measured = phases.indices.filter { phases[$0].measure }
        let factor = total / measuredDuration
        var left = total
        for index in measured.dropLast() {
            let scaled = ((phases[index].duration ?? .zero) / .milliseconds(1) * factor).rounded()
            phases[index].duration = .milliseconds(Int64(scaled))
            left -= .milliseconds(Int64(scaled))
        }
        // The last one takes what rounding left over, so that the total is exact.
        if let last = measured.last { phases[last].duration = left }
    }
}
