import ArgumentParser
import Foundation

/// `LoadGen report`
struct ReportCommand: AsyncParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable, Sendable {
        case html, text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "The report of finished runs, again, without running.",
        discussion: """
            Takes the folders of runs, comparisons and capacity searches; of several, what holds no result is passed over. \
            html goes into each folder as report.html; text and json go to stdout. --out writes to a file instead, for one \
            folder.
            """
    )

    @Argument(help: ArgumentHelp("Folder of a finished run, comparison or capacity search.", valueName: "dir"))
    var folders: [String]

    @Option(help: "html, text or json.")
    var format = Form.html

    @Option(help: "File to write to (- is stdout).")
    var out: String?

    @Flag(name: .customLong("no-color"), help: "No colour (also: NO_COLOR).")
    var noColor = false

    func validate() throws {
        if out != nil, out != "-", folders.count > 1 {
            throw ValidationError("--out names one file, and \(folders.count) folders were given")
        }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            var shown = 0
            var failure: (any Error)?
            for path in folders {
                let folder = RunFolder(existing: URL(fileURLWithPath: path, isDirectory: true))
                let exists = FileManager.default.fileExists(atPath: path)
                if folders.count > 1, exists, !ReportSource.holdsResult(folder) {
                    Self.warn("\(path): no result in it, passed over")
                    continue
                }
                do {
                    try show(try ReportSource.read(folder))
                    shown += 1
                } catch {
                    // The others are not to blame.
                    if let failure { Self.warn("\(failure)") }
                    failure = error
                }
            }
            if let failure { throw failure }
            if shown == 0 { throw ReportError(.unreadable, "none of these folders holds a result") }
        }
    }

    private static func warn(_ text: String) {
        Console.tell("LoadGen: \(text)")
    }

    private func show(_ source: ReportSource) throws {
        let data =
            switch format {
            case .html: Data(source.html.utf8)
            case .text: Data(try source.text(color: wantsColor, width: width).utf8)
            case .json: try source.json()
            }
        if format == .html, out == nil {
            try source.folder.write(data, to: RunFolder.reportName)
            print(source.folder.url.appendingPathComponent(RunFolder.reportName).path)
        } else if let out, out != "-" {
            let file = URL(fileURLWithPath: out)
            do {
                try data.write(to: file, options: .atomic)
            } catch {
                throw ReportError(.unwritable, "cannot write \(file.path)", cause: error)
            }
        } else {
            Console.write(data)
        }
    }

    private var isTerminal: Bool { (out == nil || out == "-") && isatty(STDOUT_FILENO) == 1 }
    private var wantsColor: Bool {
        !noColor && Palette.isWanted && isTerminal
    }
    private var width: Int { isTerminal ? ProgressPrinter.terminalWidth(STDOUT_FILENO) : 100 }
}
