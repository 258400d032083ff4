extension ClientEvent {
    /// Decodes the payload of one text frame, which must be valid UTF-8.
    ///
    /// Strict in what it reads, tolerant of members that it does not know. The error carries `room_id` and
    /// `client_msg_id` whenever those could be read.
    package static func decode(_ payload: UnsafeRawBufferPointer) throws(ProtocolError) -> ClientEvent {
        let fields = ClientEventFields(payload)
        if let failure = fields.object.failure {
            throw fields.error(.malformedJSON, "not JSON: \(failure.reason) at byte \(failure.offset)")
        }
        guard fields.object.isObject else { throw fields.error(.invalidEvent, "a frame holds one JSON object") }
        if let key = fields.object.duplicate { throw fields.error(.invalidEvent, "duplicate key '\(key)'") }
        return try fields.event()
    }
}

/// The members that any client event can have, and how each is read.
private struct ClientEventFields {
    enum Name: Int {
        case event, roomID, content, clientMessageID, trace, token, accessCode, afterSeq, epoch, t
    }

    private static let names: FlatObject.Names = [
        "event", "room_id", "content", "client_msg_id", "trace", "token", "access_code", "after_seq", "epoch", "t",
    ]

    let object: FlatObject

    init(_ payload: UnsafeRawBufferPointer) {
        object = FlatObject(payload, names: Self.names)
    }

    func event() throws(ProtocolError) -> ClientEvent {
        guard let token = object[Name.event.rawValue] else { throw error(.invalidEvent, "'event' is missing") }
        guard case .string(let word) = token, let event = object.scanner.string(word) else {
            throw error(.invalidEvent, "'event' must be a string, not \(token.name)")
        }
        switch event {
        case "message_send":
            return .messageSend(
                ClientEvent.MessageSend(
                    roomID: try roomID(),
                    content: try text(.content, length: Limits.contentLength),
                    clientMessageID: try text(.clientMessageID, length: Limits.clientMessageIDLength),
                    trace: try optionalBool(.trace) ?? false
                )
            )
        case "join_room":
            return .joinRoom(
                ClientEvent.JoinRoom(
                    roomID: try roomID(),
                    accessCode: try optionalText(.accessCode),
                    afterSeq: try afterSeq(),
                    epoch: try optionalText(.epoch)
                )
            )
        case "leave_room": return .leaveRoom(roomID: try roomID())
        case "typing": return .typing(roomID: try roomID())
        case "ping": return .ping(t: try echo())
        case "authenticate": return .authenticate(token: try text(.token, length: 1...8192))
        default: throw error(.unknownEvent, "unknown event '\(event.excerpt)'")
        }
    }

    func error(_ code: ErrorCode, _ message: String) -> ProtocolError {
        var roomID: RoomID?
        if case .integer(let id) = object[Name.roomID.rawValue] { roomID = id }
        var clientMessageID: String?
        if case .string(let text) = object[Name.clientMessageID.rawValue], text.range.count <= 1024 {
            clientMessageID = object.scanner.string(text)
        }
        return ProtocolError(code, message, roomID: roomID, clientMessageID: clientMessageID)
    }

    private func key(_ name: Name) -> String { Self.names[name.rawValue].description }

    private func wrongType(_ name: Name, _ wanted: String, _ value: JSONValue) -> ProtocolError {
        error(.invalidEvent, "'\(key(name))' must be \(wanted), not \(value.name)")
    }

    private func roomID() throws(ProtocolError) -> RoomID {
        guard let value = object[Name.roomID.rawValue] else { throw error(.invalidEvent, "'room_id' is missing") }
        guard case .integer(let id) = value else { throw wrongType(.roomID, "an integer", value) }
        return id
    }

    private func text(_ name: Name, length: ClosedRange<Int>) throws(ProtocolError) -> String {
        guard let value = object[name.rawValue] else { throw error(.invalidEvent, "'\(key(name))' is missing") }
        guard case .string(let token) = value else { throw wrongType(name, "a string", value) }
        let string = try decoded(token, name)
        // A text cannot have more scalars than bytes, so most need no count.
        let fits = string.utf8.count <= length.upperBound || string.unicodeScalars.count <= length.upperBound
        guard fits, string.utf8.count >= length.lowerBound else {
            throw error(
                .validationFailed,
                "'\(key(name))' must have \(length.lowerBound) to \(length.upperBound) characters"
            )
        }
        return string
    }

    private func decoded(_ token: JSONText, _ name: Name) throws(ProtocolError) -> String {
        guard let string = object.scanner.string(token) else {
            throw error(.malformedJSON, "'\(key(name))' holds a lone surrogate")
        }
        // A raw NUL is no JSON, so only an escape can have made one.
        guard !token.hasEscapes || !string.utf8.contains(0) else {
            throw error(.validationFailed, "'\(key(name))' holds a NUL")
        }
        return string
    }

    private func optionalText(_ name: Name) throws(ProtocolError) -> String? {
        switch object[name.rawValue] {
        case nil, .null: return nil
        case .string(let token): return try decoded(token, name)
        case .some(let value): throw wrongType(name, "a string", value)
        }
    }

    private func optionalBool(_ name: Name) throws(ProtocolError) -> Bool? {
        switch object[name.rawValue] {
        case nil, .null: return nil
        case .bool(let value): return value
        case .some(let value): throw wrongType(name, "a boolean", value)
        }
    }

    private func afterSeq() throws(ProtocolError) -> Sequence64? {
        switch object[Name.afterSeq.rawValue] {
        case nil, .null: return nil
        case .integer(let seq) where seq >= 0: return seq
        case .integer: throw error(.validationFailed, "'after_seq' must not be negative")
        case .some(let value): throw wrongType(.afterSeq, "an integer", value)
        }
    }

    private func echo() throws(ProtocolError) -> String? {
        switch object[Name.t.rawValue] {
        case nil: return nil
        case .integer(let value): return String(value)
        case .number(let range): return String(decoding: object.scanner.raw(range), as: UTF8.self)
        case .string(let token):
            guard !token.hasLoneSurrogate else { throw error(.malformedJSON, "'t' holds a lone surrogate") }
            let quoted = token.range.lowerBound - 1..<token.range.upperBound + 1
            return String(decoding: object.scanner.raw(quoted), as: UTF8.self)
        case .some(let value): throw wrongType(.t, "a number or a string", value)
        }
    }
}
