/// A series' whole distribution, as `latency/<series>.hgrm` has it.
struct PercentileCurve: Sendable, Equatable {
    struct Point: Sendable, Equatable {
        /// Nanoseconds.
        var value: Double
        /// 0 to 1.
        var share: Double
        var count: Double
    }

    struct Malformed: Error, CustomStringConvertible {
        let line: Int

        var description: String { "line \(line) is no row of a percentile distribution" }
    }

    /// Ascending in share and value.
    var points: [Point]

    /// Reads HdrHistogram's percentile text, values in milliseconds. Lines of `#` and the heading are passed over.
    static func read(_ text: String) throws(Malformed) -> PercentileCurve {
        var points: [Point] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let fields = line.split(separator: " ")
            guard let first = fields.first, first != "Value", !first.hasPrefix("#") else { continue }
            guard fields.count >= 3, let value = Double(first), let share = Double(fields[1]),
                let count = Double(fields[2]), (0...1).contains(share), value.isFinite, count.isFinite
            else { throw Malformed(line: index + 1) }
            points.append(Point(value: value * 1e6, share: share, count: count))
        }
        return PercentileCurve(points: points)
    }

    var total: Double { points.last?.count ?? 0 }
    var highest: Double { points.last?.value ?? 0 }
    var lowest: Double { points.first?.value ?? 0 }

    /// The value that `share` (0 to 1) of the samples are at or below: that of the first row that reaches it.
    func value(at share: Double) -> Double? {
        points.first { $0.share >= share }?.value ?? points.last?.value
    }

    /// Whether there is a sample beyond `share`; without one, a percentile is the maximum by another name.
    func reaches(_ share: Double) -> Bool { total * (1 - share) >= 1 }
}
