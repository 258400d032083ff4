extension ThresholdMetric {
    /// Up to three metrics that the name may have meant, all as near to it as any; empty when nothing resembles it.
    static func nearest(to name: String) -> [String] {
        let wanted = name.lowercased()
        let ranked = all.enumerated().compactMap { order, metric -> (distance: Int, order: Int, name: String)? in
            let distance =
                metric.name.hasSuffix("." + wanted) || wanted.hasSuffix("." + metric.name)
                ? 0 : editDistance(wanted, metric.name)
            let tolerance = max(2, metric.name.count / 4)
            return distance <= tolerance ? (distance, order, metric.name) : nil
        }
        let best = ranked.map(\.distance).min()
        // Only what is as near as the nearest: a tail of weaker guesses hides the good one.
        return ranked.filter { $0.distance == best }.sorted { $0.order < $1.order }.prefix(3).map(\.name)
    }

    /// Levenshtein's distance: the fewest insertions, deletions and substitutions that make one text the other.
    private static func editDistance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var previous = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let substituted = previous[column] + (character == other ? 0 : 1)
                current.append(min(substituted, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
