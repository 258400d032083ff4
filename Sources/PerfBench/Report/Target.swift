/// What a figure is held against.
enum Target: Sendable, Equatable {
    case atLeast(Double)
    case atMost(Double)
    /// Of the figure's value to its floor's, the median over the rounds.
    case ratioAtLeast(Double)
    case ratioAtMost(Double)

    func holds(median: Double, ratio: Double?) -> Bool {
        switch self {
        case .atLeast(let bound): median >= bound
        case .atMost(let bound): median <= bound
        case .ratioAtLeast(let bound): ratio.map { $0 >= bound } ?? false
        case .ratioAtMost(let bound): ratio.map { $0 <= bound } ?? false
        }
    }
}

extension Target: Encodable {
    private enum Key: String, CodingKey {
        case atLeast = "at_least"
        case atMost = "at_most"
        case ratioAtLeast = "ratio_at_least"
        case ratioAtMost = "ratio_at_most"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .atLeast(let bound): try container.encode(bound, forKey: .atLeast)
        case .atMost(let bound): try container.encode(bound, forKey: .atMost)
        case .ratioAtLeast(let bound): try container.encode(bound, forKey: .ratioAtLeast)
        case .ratioAtMost(let bound): try container.encode(bound, forKey: .ratioAtMost)
        }
    }
}
