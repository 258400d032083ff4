import Foundation

/// A server on a Postgres and a Redis of its own, which LoadGen starts and takes down again.
struct ClusterStack: Sendable {
    let port: Int
    let storeURL: String
    let redisURL: String
    let serverProcess: Int32
    private let secretFile: String
    private let setupFile: URL
    private let cleanup: UUID
    private let bench: Bench

    /// `postgres://` with everything durable, one instance, no balancer.
    static func setup(instances: Int) -> String {
        """
        name: perf-\(getpid())
        description: What PerfBench measures
        instances: \(instances)
        store: postgres
        broker: redis
        balancer: {kind: none}

        """
    }

    static func up(_ bench: Bench) async throws -> ClusterStack {
        let setupFile = bench.file("stack.yaml")
        try setup(instances: 1).write(to: setupFile, atomically: true, encoding: .utf8)
        let output = bench.file("stack.txt")
        let cleanup = Interrupts.atEnd { down(bench.loadGen, setupFile) }
        let up = try Child(
            "LoadGen stack up", bench.loadGen, ["stack", "up", "--setup", setupFile.path], log: bench.file("stack.log"),
            output: output)
        do {
            guard try await up.wait(timeout: .seconds(90)) == 0 else { throw Failure("stack up: \(up.lastWords)") }
            let text = try String(contentsOf: output, encoding: .utf8)
            guard let url = text.firstMatch(of: #/http://127\.0\.0\.1:(\d+)/#), let port = Int(url.1) else {
                throw Failure("stack up names no server")
            }
            return try found(port: port, setupFile, cleanup, bench)
        } catch {
            down(bench.loadGen, setupFile)
            Interrupts.forget(cleanup)
            throw error
        }
    }

    func down() {
        Self.down(bench.loadGen, setupFile)
        Interrupts.forget(cleanup)
    }

    /// The options that the stack's server runs with say where its store and its broker are.
    private static func found(port: Int, _ setupFile: URL, _ cleanup: UUID, _ bench: Bench) throws -> ClusterStack {
        for id in ProcessTree.all(named: "ChatServer") {
            let arguments = ProcessTree.words("/proc/\(id)/cmdline")
            let environment = ProcessTree.words("/proc/\(id)/environ")
            guard let secret = value(after: "--jwt-secret-file", arguments),
                let redis = value(after: "--broker", arguments), redis.hasPrefix("redis://"),
                let store = environment.first(where: { $0.hasPrefix("CHAT_STORE=") }),
                // The stack's own folder holds both, and its state names the port.
                let state = try? String(
                    contentsOf: URL(fileURLWithPath: secret).deletingLastPathComponent()
                        .appendingPathComponent("state.json"), encoding: .utf8),
                state.contains("http://127.0.0.1:\(port)\"")
            else { continue }
            return ClusterStack(
                port: port, storeURL: String(store.dropFirst("CHAT_STORE=".count)), redisURL: redis, serverProcess: id,
                secretFile: secret, setupFile: setupFile, cleanup: cleanup, bench: bench)
        }
        throw Failure("the stack's server is not to be found")
    }

    private static func value(after option: String, _ words: [String]) -> String? {
        words.firstIndex(of: option).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
    }

    private static func down(_ loadGen: URL, _ setupFile: URL) {
        let process = Process()
        process.executableURL = loadGen
        process.arguments = ["stack", "down", "--setup", "perf-\(getpid())"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return }
        process.waitUntilExit()
    }

    /// Rows and batches that the server has stored so far.
    func batches() throws -> (rows: Double, count: Double) {
        let page = try HTTPGet.text(port: port, path: "/metrics")
        func value(_ name: String) throws -> Double {
            let line = page.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            guard let value = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
                throw Failure("the server's metrics have no \(name)")
            }
            return value
        }
        return (try value("chat_persist_batch_rows_sum"), try value("chat_persist_batch_rows_count"))
    }
}

/// One request, and the whole answer.
enum HTTPGet {
    static func text(port: Int, path: String) throws -> String {
        let descriptor = try ClientSocket.connect(port: port, number: 0)
        defer { close(descriptor) }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, ClientSocket.noSignal) == request.count else {
            throw Failure("cannot ask for \(path)")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer.append(contentsOf: buffer[..<count])
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 200") else { throw Failure("\(path) answers \(text.prefix(40))") }
        return text
    }
}
