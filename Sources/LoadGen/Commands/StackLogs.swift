import ArgumentParser
import Foundation

/// `LoadGen stack logs`
struct StackLogs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What a stack's parts have logged.")

    @Argument(help: "A part's name, as status shows it; none: all, each line with its part before it.")
    var part: String?

    @OptionGroup var selection: StackSelection

    @Flag(name: .shortAndLong, help: "Go on with what is logged from now on, until Ctrl-C or the stack's end.")
    var follow = false

    func run() async throws {
        try await ExitStatus.reporting {
            let stack = try selection.require()
            let parts = try chosen(stack.state.parts)
            let width = part == nil ? parts.map(\.name.count).max() ?? 0 : 0
            var tails = parts.map { LogTail(part: $0, prefixWidth: width) }
            repeat {
                for index in tails.indices {
                    while let text = tails[index].next() { Console.write(Data(text.utf8)) }
                }
                guard follow else { break }
                try await Task.sleep(for: .milliseconds(200))
            } while FileManager.default.fileExists(atPath: stack.folder.path)
        }
    }

    private func chosen(_ parts: [StackPart]) throws -> [StackPart] {
        guard let part else { return parts }
        let found = parts.filter { $0.name == part }
        guard !found.isEmpty else {
            let names = parts.map(\.name).joined(separator: ", ")
            throw UsageError(description: "the stack has no part '\(part)'; it has: \(names)")
        }
        return found
    }
}

/// Reads a log from where it stopped the last time.
struct LogTail {
    /// Read at once; a part that logs faster than this is followed with a delay, not with more memory.
    private static let chunk = 1 << 20

    private let url: URL
    private let prefix: String
    private var offset: UInt64 = 0

    init(part: StackPart, prefixWidth: Int) {
        url = URL(fileURLWithPath: part.logPath)
        prefix = prefixWidth == 0 ? "" : part.name.padding(toLength: prefixWidth, withPad: " ", startingAt: 0) + " | "
    }

    /// Whole lines that have come since, a chunk of them at most.
    /// - Returns: nil if there are none.
    mutating func next() -> String? {
        guard let data = read(), !data.isEmpty else { return nil }
        // A line that is longer than a chunk is cut.
        let isFull = data.count == Self.chunk
        guard let end = data.lastIndex(of: 0x0A) ?? (isFull ? data.endIndex - 1 : nil) else { return nil }
        offset += UInt64(end - data.startIndex + 1)
        let lines = data[data.startIndex...end].split(separator: 0x0A, omittingEmptySubsequences: false)
        let whole = data[end] == 0x0A ? lines.dropLast() : lines[...]
        return whole.map { prefix + String(decoding: $0, as: UTF8.self) + "\n" }.joined()
    }

    private func read() -> Data? {
        guard let handle = try? FileHandle(forReadingFrom: url) else { return nil }
        defer { try? handle.close() }
        guard (try? handle.seek(toOffset: offset)) != nil else { return nil }
        return try? handle.read(upToCount: Self.chunk)
    }
}
