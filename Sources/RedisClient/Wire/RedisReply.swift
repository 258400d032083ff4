import NIOCore

/// One reply in RESP2.
package enum RedisReply: Equatable, Sendable {
    /// `+OK`
    case simpleString(String)
    /// `-ERR what is wrong`
    case error(String)
    case integer(Int64)
    /// Any bytes, NUL included.
    case bulk(ByteBuffer)
    /// An absent string or array.
    case null
    case array([RedisReply])

    /// The text of a string of either kind; nil for anything else.
    package var text: String? {
        switch self {
        case .simpleString(let text): text
        case .bulk(let bytes): String(buffer: bytes)
        case .error, .integer, .null, .array: nil
        }
    }
}
