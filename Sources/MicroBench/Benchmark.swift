/// One small operation that is measured by itself.
struct Benchmark {
    /// A stable word for scripts.
    var name: String
    var summary: String
    /// Runs the operation so many times; the sum depends on every result, so that none can be optimised away.
    var run: (_ iterations: Int) -> Int
}

/// What one benchmark took, in nanoseconds per operation.
struct Measurement {
    var benchmark: Benchmark
    var best: Double
    var median: Double
    var rounds: Int
    /// Operations in each round.
    var iterations: Int
}

/// How long and how often each benchmark runs.
struct Effort {
    var rounds = 15
    var round = Duration.milliseconds(40)

    /// Finds how many operations fill a round, which also warms up, then measures. The best round is the figure: what
    /// disturbs a run, such as a neighbour on the same core, only ever makes it slower.
    func measure(_ benchmark: Benchmark) -> Measurement {
        var iterations = 64
        while time(benchmark, iterations) < round { iterations *= 2 }
        let times = (0..<rounds).map { _ in time(benchmark, iterations).nanoseconds / Double(iterations) }.sorted()
        return Measurement(
            benchmark: benchmark,
            best: times[0],
            median: times[rounds / 2],
            rounds: rounds,
            iterations: iterations
        )
    }

    private func time(_ benchmark: Benchmark, _ iterations: Int) -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        consume(benchmark.run(iterations))
        return clock.now - start
    }
}

/// A use that the optimiser cannot see into.
@inline(never)
@_optimize(none)
private func consume(_ value: Int) {}

extension Duration {
    fileprivate var nanoseconds: Double {
        Double(components.seconds) * 1e9 + Double(components.attoseconds) / 1e9
    }
}
