/// Holm's correction: p values of several tests, adjusted so that the chance of even one false claim stays below the
/// level (Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979).
///
/// It knows nothing of how the tests hang together, and so takes the worst case. ``StepDown`` goes the same steps with
/// the tests' joint distribution in place of the worst case.
enum Holm {
    /// The adjusted values, in the order of `p`. Nil stays nil, and counts for no test.
    static func adjust(_ p: [Double?]) -> [Double?] {
        let tests = p.enumerated().compactMap { place, p in p.map { (place: place, p: $0) } }.sorted { $0.p < $1.p }
        var adjusted: [Double?] = Array(repeating: nil, count: p.count)
        var least = 0.0
        for (rank, test) in tests.enumerated() {
            // No claim is easier to make than one with a smaller p.
            least = max(least, min(1, Double(tests.count - rank) * test.p))
            adjusted[test.place] = least
        }
        return adjusted
    }
}
