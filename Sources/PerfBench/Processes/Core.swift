import CEpoll
import Foundation

/// Which core a thread runs on.
enum Core {
    /// Pins the calling thread.
    static func pin(_ core: Int) {
        var cores = [UInt8](repeating: 0, count: 128)
        cores[core / 8] |= 1 << UInt8(core % 8)
        _ = sched_setaffinity(0, cores.count, cores)
    }

    static let count = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}

/// Runs a body that blocks on a thread of its own, pinned to a core or not.
func onThread<Result: Sendable>(core: Int?, _ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread {
            if let core { Core.pin(core) }
            continuation.resume(with: Swift.Result(catching: body))
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
}
