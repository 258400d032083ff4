import Foundation

/// What every figure needs: the programs, a folder, how often, and somebody to tell.
struct Bench: Sendable {
    let chatServer: URL
    let loadGen: URL
    let workspace: Workspace
    let rounds: Int
    /// Shorter rounds, to see whether everything works; no figures to quote.
    let isQuick: Bool

    /// One core for the server, the other for those who drive it; on a machine with one, both share it.
    var serverCore: Int? { Core.count > 1 ? 0 : nil }
    var driverCore: Int? { Core.count > 1 ? 1 : nil }

    func seconds(_ usual: Double) -> Double { isQuick ? usual / 2 : usual }

    /// For what takes long and varies little.
    func rounds(atMost bound: Int) -> Int { min(rounds, bound) }

    func tell(_ text: String) { FileHandle.standardError.write(Data("  \(text)\n".utf8)) }

    func file(_ name: String) -> URL { workspace.url.appendingPathComponent(name) }
}

/// Figures that are measured together. One file each; ``all`` lists them.
protocol Experiment: Sendable {
    /// For `--only`.
    static var name: String { get }
    static var summary: String { get }
    /// The rows, with nothing measured yet.
    var figures: [FigureResult] { get set }

    init()

    /// Adds a value to each row for each round.
    /// - Throws: why it cannot go on; what has been measured by then stays.
    mutating func measure(_ bench: Bench) async throws
}

enum Experiments {
    static let all: [any Experiment.Type] = [
        FanOut.self, Generator.self, Verification.self, Persist.self, Idle.self, Connecting.self, Storm.self,
        Growth.self,
    ]
}
