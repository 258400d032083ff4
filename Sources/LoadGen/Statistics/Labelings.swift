/// The ways in which blocks could have been given to two sides: what a permutation test counts over.
///
/// All of them where there are few enough, else a sample with the true one in it (Phipson and Smyth, "Permutation
/// P-values Should Never Be Zero", 2010). Each is the list of the blocks of side a, out of `a + b` blocks that are
/// numbered with side a's first; the first labeling is the true one.
struct Labelings: Sendable {
    /// Enough that p = 0.05 is known to 0.001.
    static let limit = 50_000

    /// Blocks of side a.
    let a: Int
    let b: Int
    /// Whether it is all of them.
    let isComplete: Bool
    /// `a` numbers for each labeling, one after the other.
    private let members: [Int32]

    var count: Int { a == 0 ? 1 : members.count / a }

    init(_ a: Int, _ b: Int, seed: UInt64, limit: Int = Labelings.limit) {
        self.a = a
        self.b = b
        isComplete = Self.ways(a, b) <= Double(limit)
        if isComplete {
            members = Self.all(a, b)
        } else {
            var random = SeededGenerator(seed: seed)
            members = Self.sample(limit, a, b, &random)
        }
    }

    /// The blocks of side a.
    func members(_ labeling: Int) -> ArraySlice<Int32> {
        members[labeling * a..<(labeling + 1) * a]
    }

    /// Of one figure a block, the sum over side a.
    func sum(of figures: [Double], _ labeling: Int) -> Double {
        var sum = 0.0
        for place in labeling * a..<(labeling + 1) * a { sum += figures[Int(members[place])] }
        return sum
    }

    /// How many there are: the binomial coefficient of a + b over a.
    static func ways(_ a: Int, _ b: Int) -> Double {
        guard a > 0, b > 0 else { return 1 }
        return (1...a).reduce(1.0) { ($0 * Double(b + $1) / Double($1)).rounded() }
    }

    /// In lexicographic order, which begins with the true one.
    private static func all(_ a: Int, _ b: Int) -> [Int32] {
        var current = (0..<a).map(Int32.init)
        var out = current
        let last = Int32(b)
        while let place = current.indices.last(where: { current[$0] < last + Int32($0) }) {
            current[place] += 1
            for next in current.indices where next > place { current[next] = current[next - 1] + 1 }
            out += current
        }
        return out
    }

    private static func sample(_ count: Int, _ a: Int, _ b: Int, _ random: inout SeededGenerator) -> [Int32] {
        var blocks = (0..<Int32(a + b)).map(\.self)
        var out = Array(blocks.prefix(a))
        for _ in 1..<max(1, count) {
            // The first `a` steps of a Fisher–Yates shuffle; it may start from any order.
            for place in 0..<a { blocks.swapAt(place, Int.random(in: place..<blocks.count, using: &random)) }
            out += blocks.prefix(a)
        }
        return out
    }
}
