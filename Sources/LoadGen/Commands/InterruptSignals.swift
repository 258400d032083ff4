import Foundation

/// Ctrl-C, a closed terminal or a `kill` ends a run early, with its result written; a second one ends the program.
enum InterruptSignals {
    static func watch(_ interrupt: RunSession.Interrupt) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let before = signal(number, SIG_IGN)
            // nohup(1) wants it ignored.
            if number == SIGHUP, unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
                continue
            }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // The handler keeps the source alive, for as long as the process.
            source.setEventHandler {
                _ = source
                // A terminal that closes may say so twice.
                if interrupt.isSet, number != SIGHUP { _exit(130) }
                interrupt.set()
                Console.tell("\nLoadGen: stopping; what was measured so far will be written (again: stop at once)")
            }
            source.resume()
        }
    }
}
