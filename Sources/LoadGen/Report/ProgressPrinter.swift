import Foundation
import Synchronization

/// Writes progress to stderr: one line that is written over on a terminal, plain lines elsewhere.
final class ProgressPrinter: Sendable {
    private let isQuiet: Bool
    private let isTerminal: Bool
    private let color: Bool
    /// On a terminal: there is a line that the next one writes over.
    private let isLineOpen = Mutex(false)

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

    /// What goes on apart from the load.
    func note(_ text: String) {
        let width = Self.terminalWidth(STDERR_FILENO)
        write(isTerminal ? text.padding(toLength: max(1, width - 1), withPad: " ", startingAt: 0) : text)
    }

    /// Ends the line that is being written over.
    func finish() {
        isLineOpen.withLock { isOpen in
            if isOpen { FileHandle.standardError.write(Data("\n".utf8)) }
            isOpen = false
        }
    }

    private func write(_ line: String) {
        guard !isQuiet else { return }
        isLineOpen.withLock { isOpen in
            let text = isTerminal ? "\r" + line : line + "\n"
            FileHandle.standardError.write(Data(text.utf8))
            isOpen = isTerminal
        }
    }
}
