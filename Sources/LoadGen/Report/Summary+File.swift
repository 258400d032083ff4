import Foundation

extension Summary {
    /// The text of `summary.json`: the contract's order, two spaces, short objects on one line, a newline at the end.
    func json() throws -> Data {
        Data(try OrderedJSON(encoding: self).text().utf8)
    }

    /// Reads a summary from its file, or from the run's folder.
    static func load(from url: URL) throws -> Summary {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        let file = exists && isFolder.boolValue ? url.appendingPathComponent(RunFolder.summaryName) : url
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch {
            throw ReportError(.unreadable, "cannot read \(file.path)", cause: error)
        }
        // The schema first: under another one, a missing key is not the user's mistake.
        struct Header: Decodable {
            let schema: Int
        }
        do {
            let decoder = JSONDecoder()
            let schema = try decoder.decode(Header.self, from: data).schema
            guard schema == currentSchema else {
                throw ReportError(
                    .unreadable, "\(file.path) has schema \(schema); this LoadGen reads schema \(currentSchema)")
            }
            return try decoder.decode(Summary.self, from: data)
        } catch let error as ReportError {
            throw error
        } catch {
            throw ReportError(.unreadable, "\(file.path) is not a run's summary", cause: error)
        }
    }
}
