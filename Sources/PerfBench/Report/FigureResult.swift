/// One row: what was measured in each round, beside its floor.
struct FigureResult: Sendable {
    enum Better: String, Encodable, Sendable {
        case higher, lower
    }

    struct Floor: Sendable {
        /// The barest program that does the same work.
        var what: String
        var values: [Double] = []
    }

    /// A stable word for scripts: `fanout.rate_1000`.
    var name: String
    var what: String
    var unit: String
    var better: Better
    /// One for each round.
    var values: [Double] = []
    var floor: Floor?
    var target: Target
    /// Why it could not be measured.
    var failed: String?
    /// What else was seen, by name: in the last round.
    var details: [String: Double] = [:]
    /// What a plot shows: the figure behind the fall or the rise, at each size.
    var series: [Point] = []

    struct Point: Encodable, Sendable {
        var x: Double
        var value: Double
        var floor: Double?
    }

    var median: Double? { values.median }

    /// The median of the rounds' ratios: what disturbs a round disturbs both of its halves.
    var ratio: Double? {
        guard let floor, floor.values.count == values.count else { return nil }
        return zip(values, floor.values).filter { $1 > 0 }.map { $0 / $1 }.median
    }

    /// False as well if there is nothing to judge.
    var holds: Bool {
        guard failed == nil, let median else { return false }
        return target.holds(median: median, ratio: ratio)
    }

    mutating func add(_ value: Double, floor bare: Double? = nil) {
        values.append(value)
        if let bare { floor?.values.append(bare) }
    }
}

extension FigureResult: Encodable {
    private enum Key: String, CodingKey {
        case name, what, unit, better, values, median, floor, ratio, target, holds, failed, details, series
    }

    private enum FloorKey: String, CodingKey {
        case what, values, median
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(what, forKey: .what)
        try container.encode(unit, forKey: .unit)
        try container.encode(better, forKey: .better)
        try container.encode(values, forKey: .values)
        try container.encodeIfPresent(median, forKey: .median)
        if let floor {
            var nested = container.nestedContainer(keyedBy: FloorKey.self, forKey: .floor)
            try nested.encode(floor.what, forKey: .what)
            try nested.encode(floor.values, forKey: .values)
            try nested.encodeIfPresent(floor.values.median, forKey: .median)
        }
        try container.encodeIfPresent(ratio, forKey: .ratio)
        try container.encode(target, forKey: .target)
        try container.encode(holds, forKey: .holds)
        try container.encodeIfPresent(failed, forKey: .failed)
        if !details.isEmpty { try container.encode(details, forKey: .details) }
        if !series.isEmpty { try container.encode(series, forKey: .series) }
    }
}

extension [Double] {
    /// Of the two in the middle, their mean; nil of nothing.
    var median: Double? {
        guard !isEmpty else { return nil }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }

    /// - Parameter share: 0.99 for the 99th percentile; the nearest rank.
    func percentile(_ share: Double) -> Double? {
        guard !isEmpty else { return nil }
        return sorted()[Swift.min(count - 1, Int((Double(count) * share).rounded(.up)) - 1)]
    }
}
