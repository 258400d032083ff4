import Testing

/// Each benchmark does what it says; what it costs, `scripts/check-budgets` measures.
@Suite struct BenchmarkTests {
    @Test(arguments: Benchmark.all) func everyOperationComesToWhatItShould(benchmark: Benchmark) async throws {
        let work = try await benchmark.prepare()
        // Twice: what is measured comes second.
        #expect(try work(benchmark.operations) == benchmark.operations)
        #expect(try work(benchmark.operations) == benchmark.operations)
    }

    @Test func namesAreUnique() {
        #expect(Set(Benchmark.all.map(\.name)).count == Benchmark.all.count)
    }
}

extension Benchmark: CustomTestStringConvertible {
    var testDescription: String { name }
}
