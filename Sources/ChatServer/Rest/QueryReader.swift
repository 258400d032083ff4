import ChatProtocol
import Hummingbird

/// Reads the integers of a request's path and query.
struct QueryReader {
    private let request: Request
    private var problems: [Problem.FieldError] = []

    init(_ request: Request) {
        self.request = request
    }

    /// An id of the path; one that is no number is not there, like one that nothing has.
    static func id(_ name: String, _ context: RestContext, orThrow problem: Problem) throws -> Int64 {
        guard let text = context.parameters.get(name), let id = Int64(text), text.utf8.first != 0x2B else {
            throw problem
        }
        return id
    }

    mutating func integer(_ name: Substring, in range: ClosedRange<Int64>) -> Int64? {
        guard let text = request.uri.queryParameters[name] else { return nil }
        guard let value = Int64(text), range.contains(value) else {
            let bounds =
                range.upperBound == .max
                ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            fail(String(name), "must be an integer \(bounds)")
            return nil
        }
        return value
    }

    mutating func limit() -> Int {
        let range = Int64(Limits.pageLimit.lowerBound)...Int64(Limits.pageLimit.upperBound)
        return Int(integer("limit", in: range) ?? Int64(Limits.defaultPageLimit))
    }

    mutating func fail(_ field: String, _ message: String) {
        problems.append(Problem.FieldError(field: field, message: message))
    }

    func finish() throws {
        if !problems.isEmpty { throw Problem.validation(problems) }
    }
}
