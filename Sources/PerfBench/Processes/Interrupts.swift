import Foundation
import Synchronization

/// Ctrl-C ends what this program has started, and then this program; a second one ends it at once.
enum Interrupts {
    private static let wasAsked = Atomic(false)
    private static let cleanups = Mutex<[UUID: @Sendable () -> Void]>([:])

    /// What else is to be done before this program ends early.
    static func atEnd(_ cleanup: @escaping @Sendable () -> Void) -> UUID {
        let id = UUID()
        cleanups.withLock { $0[id] = cleanup }
        return id
    }

    static func forget(_ id: UUID) { cleanups.withLock { _ = $0.removeValue(forKey: id) } }

    static func watch() {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                // The handler keeps the source alive, for as long as the process.
                _ = source
                if wasAsked.exchange(true, ordering: .relaxed) { _exit(130) }
                FileHandle.standardError.write(Data("\nPerfBench: stopping\n".utf8))
                // LoadGen takes down what it has started, and writes what it has.
                Child.stopAll(SIGINT)
                DispatchQueue.global().async {
                    for _ in 0..<1000 where Child.anyRunning { usleep(10_000) }
                    Child.stopAll(SIGKILL)
                    for cleanup in cleanups.withLock({ Array($0.values) }) { cleanup() }
                    _exit(130)
                }
            }
            source.resume()
        }
    }
}
