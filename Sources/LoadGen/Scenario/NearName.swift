/// Finds what somebody probably meant to type.
enum NearName {
    /// The candidates close enough to `word` to be a slip of the fingers, the nearest first.
    static func all(to word: String, among candidates: [String]) -> [String] {
        let word = word.lowercased()
        return
            candidates
            .map { (name: $0, distance: distance(word, $0.lowercased())) }
            .filter { $0.distance <= max(1, min(word.count, $0.name.count) / 3) }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
            .map(\.name)
    }

    /// "did you mean 'rate'?", or else the list of what there is.
    static func hint(for word: String, among candidates: [String], kind: String) -> String {
        if let nearest = all(to: word, among: candidates).first {
            return "did you mean '\(nearest)'?"
        }
        return candidates.isEmpty ? "there are no \(kind)" : "\(kind): \(candidates.joined(separator: ", "))"
    }

    /// The number of single-character insertions, deletions, replacements and swaps of neighbours between two words.
    static func distance(_ first: String, _ second: String) -> Int {
        let first = Array(first)
        let second = Array(second)
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in first.indices {
            var current = [row + 1]
            for column in second.indices {
                let same = first[row] == second[column]
                var best = min(last[column] + (same ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
