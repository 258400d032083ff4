import Foundation
import Logging
import Synchronization

/// Takes finished log lines from any thread and writes them on a thread of its own: a full pipe never stops the chat.
///
/// Bounded: while the reader does not keep up, lines are dropped, counted, and the count is logged when it goes on.
final class LogSink: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var dropped = 0
        var isWriting = false
    }

    private static let bound = 4 << 20

    private let state = Mutex(State())
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "log")

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    func write(_ line: [UInt8]) {
        let mustWake = state.withLock { state in
            guard state.pending.count + line.count <= Self.bound else {
                state.dropped += 1
                return false
            }
            state.pending += line
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustWake { queue.async { self.drain() } }
    }

    /// Returns when everything so far is written.
    func flush() {
        queue.sync { self.drain() }
    }

    private func drain() {
        while true {
            let bytes = state.withLock { state -> [UInt8] in
                if state.dropped > 0 {
                    let notice = #"{"level":"warning","message":"log lines dropped","count":"\#(state.dropped)"}"#
                    state.pending += Array((notice + "\n").utf8)
                    state.dropped = 0
                }
                defer { state.pending = [] }
                if state.pending.isEmpty { state.isWriting = false }
                return state.pending
            }
            if bytes.isEmpty { return }
            var offset = 0
            while offset < bytes.count {
                let written = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if written > 0 { offset += written } else if errno != EINTR { return }
            }
        }
    }
}
