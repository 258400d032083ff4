/// A server event read far enough to measure and verify it: the receive path of a load client.
///
/// One pass, no allocation, any order of members; unknown members are tolerated. Text stays where it is in the frame
/// as a token. The bytes must outlive the view.
package struct ServerEventView {
    package enum Kind: Sendable {
        case message, ack, error, ready, roomJoined, roomLeft, roomUpdated, userJoined, userLeft, typing, pong
        /// No event that this contract knows.
        case other
    }

    package private(set) var kind = Kind.other
    package private(set) var roomID: RoomID = 0
    package private(set) var seq: Sequence64 = 0
    package private(set) var id: MessageID = 0
    package private(set) var userID: UserID = 0
    package private(set) var retryAfterMilliseconds: Int64 = 0
    /// `duplicate` of an `ack`, `recovered` of a `room_joined`.
    package private(set) var flag = false
    package private(set) var content: JSONText?
    package private(set) var clientMessageID: JSONText?
    package private(set) var epoch: JSONText?
    package private(set) var instance: JSONText?
    /// `code` of an `error`, `reason` of a `room_left`.
    package private(set) var word: JSONText?
    package private(set) var detail: JSONText?
    private var traceRange: Range<Int>?
    private var scanner: JSONScanner

    /// Reads one text frame's payload.
    package init(_ payload: UnsafeRawBufferPointer) throws(JSONError) {
        scanner = JSONScanner(payload)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            keep(key, try scanner.value())
        }
        try scanner.finish()
    }

    @inline(__always)
    private mutating func keep(_ key: JSONText, _ value: JSONValue) {
        switch value {
        case .integer(let number): keepNumber(key, number)
        case .string(let text): keepText(key, text)
        case .bool(let value):
            if scanner.matches(key, "duplicate") || scanner.matches(key, "recovered") { flag = value }
        case .nested(let range):
            if scanner.matches(key, "trace") { traceRange = range }
        case .number, .null: break
        }
    }

    @inline(__always)
    private mutating func keepNumber(_ key: JSONText, _ number: Int64) {
        switch key.range.count {
        case 2: if scanner.matches(key, "id") { id = number }
        case 3: if scanner.matches(key, "seq") { seq = number }
        case 7:
            if scanner.matches(key, "room_id") {
                roomID = number
            } else if scanner.matches(key, "user_id") {
                userID = number
            }
        case 14: if scanner.matches(key, "retry_after_ms") { retryAfterMilliseconds = number }
        default: break
        }
    }

    @inline(__always)
    private mutating func keepText(_ key: JSONText, _ text: JSONText) {
        switch key.range.count {
        case 4: if scanner.matches(key, "code") { word = text }
        case 5:
            if scanner.matches(key, "event") {
                kind = Self.kind(of: text, scanner)
            } else if scanner.matches(key, "epoch") {
                epoch = text
            }
        case 6: if scanner.matches(key, "reason") { word = text }
        case 7:
            if scanner.matches(key, "content") {
                content = text
            } else if scanner.matches(key, "message") {
                detail = text
            }
        case 8: if scanner.matches(key, "instance") { instance = text }
        case 13: if scanner.matches(key, "client_msg_id") { clientMessageID = text }
        default: break
        }
    }

    private static func kind(of text: JSONText, _ scanner: JSONScanner) -> Kind {
        switch text.range.count {
        case 3: scanner.matches(text, "ack") ? .ack : .other
        case 4: scanner.matches(text, "pong") ? .pong : .other
        case 5: scanner.matches(text, "error") ? .error : scanner.matches(text, "ready") ? .ready : .other
        case 6: scanner.matches(text, "typing") ? .typing : .other
        case 7: scanner.matches(text, "message") ? .message : .other
        case 9:
            scanner.matches(text, "room_left") ? .roomLeft : scanner.matches(text, "user_left") ? .userLeft : .other
        case 11:
            scanner.matches(text, "room_joined")
                ? .roomJoined : scanner.matches(text, "user_joined") ? .userJoined : .other
        case 12: scanner.matches(text, "room_updated") ? .roomUpdated : .other
        default: .other
        }
    }

    /// The bytes of a token between its quotes, escapes as they stand.
    package func raw(_ text: JSONText) -> UnsafeRawBufferPointer { scanner.raw(text.range) }

    /// A token's text, its escapes resolved.
    package func string(_ text: JSONText?) -> String? { text.flatMap { scanner.string($0) } }

    package var hasTrace: Bool { traceRange != nil }

    /// The trace of a `message` or an `ack`; what is missing in it reads as 0 or empty.
    package var trace: Trace? {
        guard let traceRange else { return nil }
        var inner = JSONScanner(scanner.raw(traceRange))
        var trace = Trace(receivedNanoseconds: 0)
        do throws(JSONError) {
            try inner.beginObject()
            while let key = try inner.nextKey() {
                switch try inner.value() {
                case .integer(let number):
                    if inner.matches(key, "received_ns") { trace.receivedNanoseconds = number }
                    if inner.matches(key, "persisted_ns") { trace.persistedNanoseconds = number }
                    if inner.matches(key, "published_ns") { trace.publishedNanoseconds = number }
                    if inner.matches(key, "broker_received_ns") { trace.brokerReceivedNanoseconds = number }
                case .string(let text):
                    if inner.matches(key, "origin") { trace.origin = inner.string(text) ?? "" }
                    if inner.matches(key, "instance") { trace.instance = inner.string(text) ?? "" }
                default: break
                }
            }
        } catch {
            return nil
        }
        return trace
    }
}
