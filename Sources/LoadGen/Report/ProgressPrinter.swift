import Foundation
import Synchronization

/// Writes progress to stderr: one line that is written over on a terminal, plain lines elsewhere.
final class ProgressPrinter: Sendable {
    private let isQuiet: Bool
    private let isTerminal: Bool
    private let color: Bool
    private struct State {
        /// On a terminal: there is a line that the next one writes over.
        var isLineOpen = false
        var lastNote = ContinuousClock.now - .seconds(60)
        var lastNoteKind = ""
    }

    private let state = Mutex(State())

    init(isQuiet: Bool, color: Bool) {
        self.isQuiet = isQuiet
        isTerminal = isatty(STDERR_FILENO) == 1
        self.color = color && isTerminal
    }

    static func terminalWidth(_ descriptor: Int32) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }

    func show(_ snapshot: ProgressSnapshot) {
        let width = Self.terminalWidth(STDERR_FILENO)
        write(ProgressLine.render(snapshot, tty: isTerminal, color: color, width: width))
    }

    /// What goes on apart from the load. Of a series (up to a colon they say the same) one comes every two seconds.
    func note(_ text: String) {
        let kind = String(text.prefix { $0 != ":" })
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            guard isTerminal || kind != state.lastNoteKind || now - state.lastNote >= .seconds(2) else { return false }
            state.lastNote = now
            state.lastNoteKind = kind
            return true
        }
        guard isDue else { return }
        let width = Self.terminalWidth(STDERR_FILENO)
        write(isTerminal ? text.padding(toLength: max(1, width - 1), withPad: " ", startingAt: 0) : text)
    }

    /// Ends the line that is being written over.
    func finish() {
        state.withLock { state in
            if state.isLineOpen { Console.show("\n") }
            state.isLineOpen = false
        }
    }

    private func write(_ line: String) {
        guard !isQuiet else { return }
        state.withLock { state in
            let text = isTerminal ? "\r" + line : line + "\n"
            Console.show(text)
            state.isLineOpen = isTerminal
        }
    }
}
