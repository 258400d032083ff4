import BudgetEntry
import Dispatch
import Foundation

/// What `scripts/check-budgets` asks of this process, in the environment's `CHATBENCH_BENCHMARK`.
private enum Request {
    /// A line for each benchmark: name, operations, summary.
    case list
    /// Play one of them once, for callgrind to count.
    case count(Benchmark)
    /// Play one of them again and again, and print the best and the median round in nanoseconds an operation.
    case time(Benchmark)

    init?(_ text: String) {
        let words = text.split(separator: " ")
        let benchmark = words.last.flatMap { name in Benchmark.all.first { $0.name == name } }
        switch (words.first, benchmark) {
        case ("list", _): self = .list
        case ("count", let benchmark?): self = .count(benchmark)
        case ("time", let benchmark?): self = .time(benchmark)
        default: return nil
        }
    }

    func play() async throws {
        switch self {
        case .list:
            for benchmark in Benchmark.all {
                print(benchmark.name, benchmark.operations, benchmark.summary, separator: "\t")
            }
        case .count(let benchmark):
            _ = try await Round(benchmark).play()
        case .time(let benchmark):
            var rounds: [Double] = []
            for _ in 0..<15 {
                let took = try await Round(benchmark).play().components
                rounds.append(
                    (Double(took.seconds) * 1e9 + Double(took.attoseconds) / 1e9) / Double(benchmark.operations)
                )
            }
            rounds.sort()
            // What disturbs a round, such as a neighbour on the same core, only ever makes it slower.
            print(rounds[0], rounds[rounds.count / 2], separator: "\t")
        }
    }
}

/// One benchmark, set up and warm.
private final class Round {
    private let benchmark: Benchmark
    private let work: Benchmark.Work
    private var result: Result<Int, any Error> = .success(0)

    init(_ benchmark: Benchmark) async throws {
        self.benchmark = benchmark
        work = try await benchmark.prepare()
    }

    func play() throws -> Duration {
        run()
        try check()
        let clock = ContinuousClock()
        let began = clock.now
        chatbench_measured(
            { Unmanaged<Round>.fromOpaque($0).takeUnretainedValue().run() },
            Unmanaged.passUnretained(self).toOpaque()
        )
        let took = clock.now - began
        try check()
        return took
    }

    private func run() { result = Result { try work(benchmark.operations) } }

    private func check() throws {
        let right = try result.get()
        guard right == benchmark.operations else {
            throw WrongResult(name: benchmark.name, expected: benchmark.operations, right: right)
        }
    }
}

/// Plays what is asked for, and ends the process: 0; 1 if a benchmark failed; 64 if there is no such one.
@_cdecl("chatbench_play")
func playInsteadOfTests() {
    let text = ProcessInfo.processInfo.environment["CHATBENCH_BENCHMARK"] ?? ""
    guard let request = Request(text) else {
        FileHandle.standardError.write(Data("no such benchmark: \(text)\n".utf8))
        exit(64)
    }
    Task {
        do {
            try await request.play()
            exit(0)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }
    DispatchSemaphore(value: 0).wait()
}
