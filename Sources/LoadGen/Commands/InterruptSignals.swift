import Foundation

/// Ctrl-C, a closed terminal or a `kill` ends a run early, with its result written; a second one ends the program.
enum InterruptSignals {
    static func watch(_ interrupt: RunSession.Interrupt) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // The handler keeps the source alive, for as long as the process.
            source.setEventHandler {
                _ = source
                if interrupt.isSet { _exit(130) }
                let text = "\nLoadGen: stopping; what was measured so far will be written (again: stop at once)\n"
                FileHandle.standardError.write(Data(text.utf8))
                interrupt.set()
            }
            source.resume()
        }
    }
}
