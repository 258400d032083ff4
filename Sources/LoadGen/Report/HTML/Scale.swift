import Foundation

/// Maps values to places on an axis, and says where its ticks belong.
struct Scale: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case linear, log
    }

    let kind: Kind
    /// The values at the ends; `low` < `high`, and both above 0 on a logarithmic scale.
    let low: Double
    let high: Double
    /// Their places, in pixels; `start` may be the larger one, as on a y axis.
    let start: Double
    let end: Double

    init(_ kind: Kind, from low: Double, to high: Double, start: Double, end: Double) {
        self.kind = kind
        let floor = kind == .log ? max(low, 1e-12) : low
        self.low = floor
        self.high = high > floor ? high : kind == .log ? floor * 10 : floor + 1
        self.start = start
        self.end = end
    }

    /// The place of a value; what lies outside is put at the end.
    func position(_ value: Double) -> Double {
        let share =
            switch kind {
            case .linear: (value - low) / (high - low)
            case .log: value <= 0 ? 0 : log10(value / low) / log10(high / low)
            }
        return start + min(max(share, 0), 1) * (end - start)
    }

    /// At most about `count` ticks at round values.
    func ticks(_ count: Int) -> [Double] {
        switch kind {
        case .linear: Self.multiples(of: Self.step((high - low) / Double(max(1, count))), from: low, to: high)
        case .log: logarithmicTicks(count)
        }
    }

    /// The same for seconds: steps that divide a minute or an hour.
    func timeTicks(_ count: Int) -> [Double] {
        let wanted = (high - low) / Double(max(1, count))
        let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200]
        return Self.multiples(of: steps.first { $0 >= wanted } ?? Self.step(wanted), from: low, to: high)
    }

    /// The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `wanted`.
    static func step(_ wanted: Double) -> Double {
        guard wanted > 0, wanted.isFinite else { return 1 }
        let power = pow(10, floor(log10(wanted)))
        return [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= wanted * (1 - 1e-9) } ?? 10 * power
    }

    private static func multiples(of step: Double, from low: Double, to high: Double) -> [Double] {
        let tolerance = step * 1e-6
        let first = ((low - tolerance) / step).rounded(.up)
        let last = ((high + tolerance) / step).rounded(.down)
        guard first <= last, last - first < 1_000 else { return [] }
        return stride(from: first, through: last, by: 1).map { $0 * step }
    }

    private func logarithmicTicks(_ count: Int) -> [Double] {
        let decades = Int(floor(log10(low) + 1e-9))...Int(ceil(log10(high) - 1e-9))
        let range = low * (1 - 1e-9)...high * (1 + 1e-9)
        func ticks(_ factors: [Double]) -> [Double] {
            let all = decades.flatMap { (decade: Int) -> [Double] in factors.map { $0 * pow(10, Double(decade)) } }
            return all.filter { range.contains($0) }
        }
        for factors in [[1, 2, 5], [1, 3], [1]] as [[Double]] {
            let fine = ticks(factors)
            if fine.count <= count { return fine }
        }
        let coarse = ticks([1])
        let stride = (coarse.count + count - 1) / max(1, count)
        return coarse.enumerated().filter { $0.offset.isMultiple(of: max(1, stride)) }.map(\.element)
    }
}

extension Scale {
    /// For values of one kind, over `pixels` from the bottom up: from 0, or logarithmic where the largest is more than
    /// `ratio` times the smallest and a linear axis would press all but the peaks onto its base line.
    static func vertical(
        _ values: [Double], pixels: ClosedRange<Double>, logarithmicBeyond ratio: Double, steps: Int = 4
    ) -> Scale {
        let positive = values.filter { $0 > 0 && $0.isFinite }
        let (start, end) = (pixels.upperBound, pixels.lowerBound)
        guard let low = positive.min(), let high = positive.max() else {
            return Scale(.linear, from: 0, to: 1, start: start, end: end)
        }
        if high / low > ratio {
            return Scale(.log, from: rounded(low, .down), to: rounded(high, .up), start: start, end: end)
        }
        let step = step(high * 1.04 / Double(steps))
        return Scale(.linear, from: 0, to: (high * 1.04 / step).rounded(.up) * step, start: start, end: end)
    }

    /// To 1, 2 or 5 times a power of ten.
    private static func rounded(_ value: Double, _ rule: FloatingPointRoundingRule) -> Double {
        let power = pow(10, floor(log10(value)))
        let rounds = [1, 2, 5, 10].map { $0 * power }
        let near = rule == .down ? rounds.last { $0 <= value * (1 + 1e-9) } : rounds.first { $0 >= value * (1 - 1e-9) }
        return near ?? power
    }
}
