import Foundation

/// A result that could not be written or read back. `description` is fit for the user.
struct ReportError: Error, Sendable, Equatable, CustomStringConvertible {
    enum Code: String, Sendable {
        case unwritable, unreadable
    }

    let code: Code
    let message: String
    /// What the system said, in its words.
    let cause: String?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause.map(Self.describe)
    }

    var description: String {
        cause.map { "\(message): \($0)" } ?? message
    }

    private static func describe(_ error: any Error) -> String {
        if let error = error as? DecodingError { return describe(error) }
        // Foundation wraps the errno; its own text names the file once more, and not always the reason.
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
        if let posix = (underlying ?? error) as? POSIXError { return String(cString: strerror(posix.code.rawValue)) }
        if let nested = underlying as NSError?, nested.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(nested.code)))
        }
        return error.localizedDescription
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "\((context.codingPath + [key]).map(\.stringValue).joined(separator: ".")) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has the wrong type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "malformed JSON" : "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is malformed"
        @unknown default:
            "\(error)"
        }
    }
}
