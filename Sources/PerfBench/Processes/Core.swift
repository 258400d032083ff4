import CEpoll
import Foundation

/// Which cores a thread runs on.
enum Core {
    static let count = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// Runs a body with the calling thread pinned to a core. It is free again afterwards: whatever thread or process it starts
    /// from then on would be pinned as well.
    static func pinned<Result>(to core: Int?, _ body: () throws -> Result) rethrows -> Result {
        guard let core else { return try body() }
        var before = [UInt8](repeating: 0, count: 128)
        guard sched_getaffinity(0, before.count, &before) == 0 else {
            return try body()
        }
        var one = [UInt8](repeating: 0, count: before.count)
        one[core / 8] |= 1 << UInt8(core % 8)
        _ = sched_setaffinity(0, one.count, one)
        defer { _ = sched_setaffinity(0, before.count, before) }
        return try body()
    }
}

/// Runs a body that blocks on a thread of its own, pinned to a core or not.
func onThread<Result: Sendable>(core: Int?, _ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread {
            let result = Swift.Result { try Core.pinned(to: core, body) }
            continuation.resume(with: result)
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
}
