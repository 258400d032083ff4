import Foundation

/// A folder that a report can be made of: what is in it says of which kind.
enum ReportSource: Sendable {
    case run(RunFolder, RunRecord)
    case comparison(RunFolder, ComparisonDocument)
    case capacity(RunFolder, CapacityDocument)

    static let comparisonName = "compare.json"
    static let capacityName = "capacity.json"

    static func read(_ folder: RunFolder) throws -> ReportSource {
        if has(comparisonName, folder) { return .comparison(folder, try decode(comparisonName, in: folder)) }
        if has(capacityName, folder) { return .capacity(folder, try decode(capacityName, in: folder)) }
        return .run(folder, try folder.record())
    }

    /// False for any other folder, and for what is no folder at all.
    static func holdsResult(_ folder: RunFolder) -> Bool {
        [comparisonName, capacityName, RunFolder.summaryName].contains { has($0, folder) }
    }

    private static func has(_ name: String, _ folder: RunFolder) -> Bool {
        FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(name).path)
    }

    private struct Header: Decodable {
        let schema: Int
    }

    /// Reads a JSON file whose `schema` is 1.
    private static func decode<Document: Decodable>(_ name: String, in folder: RunFolder) throws -> Document {
        let file = folder.url.appendingPathComponent(name)
        let data = try bytes(file)
        do {
            let schema = try JSONDecoder().decode(Header.self, from: data).schema
            guard schema == 1 else {
                throw ReportError(.unreadable, "\(file.path) has schema \(schema); this LoadGen reads schema 1")
            }
            return try JSONDecoder().decode(Document.self, from: data)
        } catch let error as ReportError {
            throw error
        } catch {
            throw ReportError(.unreadable, "\(file.path) does not read", cause: error)
        }
    }

    private static func bytes(_ file: URL) throws(ReportError) -> Data {
        do {
            return try Data(contentsOf: file)
        } catch {
            throw ReportError(.unreadable, "cannot read \(file.path)", cause: error)
        }
    }

    var folder: RunFolder {
        switch self {
        case .run(let folder, _), .comparison(let folder, _), .capacity(let folder, _): folder
        }
    }

    var html: String {
        switch self {
        case .run(_, let record): HTMLReport.render(record)
        case .comparison(_, let document): ComparisonPage(document: document).render()
        case .capacity(_, let document): CapacityPage(document: document).render()
        }
    }

    func text(color: Bool, width: Int) throws -> String {
        switch self {
        case .run(let folder, let record):
            TerminalReport.render(record.summary, folder: folder.path, color: color, width: width)
        case .comparison(let folder, _):
            TerminalComparison.render(try Comparison.read(json()), folder: folder.path, color: color, width: width)
        case .capacity:
            TerminalCapacity(try CapacityReport.read(json()), color: color).render(width: width)
        }
    }

    /// The file as it is, with what this program does not know of.
    func json() throws(ReportError) -> Data {
        let name =
            switch self {
            case .run: RunFolder.summaryName
            case .comparison: Self.comparisonName
            case .capacity: Self.capacityName
            }
        return try Self.bytes(folder.url.appendingPathComponent(name))
    }
}
