import Foundation
import Synchronization

/// The signals that ask the process to stop, or to read its files again.
enum Signals {
    /// Waits for the first SIGTERM or SIGINT. A second one ends the process at once, with status 130.
    /// - Parameter withStandardInput: also ends the wait when standard input closes, as it does when the parent dies.
    static func stop(withStandardInput: Bool) async {
        await withCheckedContinuation { continuation in
            let waiting = Waiting(continuation)
            if withStandardInput {
                Thread.detachNewThread {
                    while FileHandle.standardInput.availableData.count > 0 {}
                    waiting.inputClosed()
                }
            }
            for number in [SIGTERM, SIGINT] {
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                // The handler keeps the source alive, for as long as the process.
                source.setEventHandler {
                    _ = source
                    waiting.signalled()
                }
                source.resume()
            }
        }
    }

    /// Calls the action at each SIGHUP, which otherwise ends the process.
    static func onHangUp(_ action: @escaping @Sendable () -> Void) {
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
        // The handler keeps the source alive, for as long as the process.
        source.setEventHandler {
            _ = source
            action()
        }
        source.resume()
    }

    private final class Waiting: Sendable {
        private let continuation: Mutex<CheckedContinuation<Void, Never>?>

        init(_ continuation: CheckedContinuation<Void, Never>) {
            self.continuation = Mutex(continuation)
        }

        func inputClosed() {
            continuation.withLock { $0.take() }?.resume()
        }

        func signalled() {
            let first = continuation.withLock { $0.take() }
            guard let first else { exit(130) }
            first.resume()
        }
    }
}
