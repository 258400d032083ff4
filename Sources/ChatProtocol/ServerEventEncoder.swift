import NIOCore

extension ServerEvent {
    /// Writes the event as one unmasked text frame: the bytes that go to a client, and to every member alike.
    package func encodeFrame(into buffer: inout ByteBuffer) {
        buffer.writeTextFrame { encode(into: &$0) }
    }

    /// Writes the event's JSON text, without a frame.
    package func encode(into buffer: inout ByteBuffer) {
        switch self {
        case .message(let message, let trace):
            buffer.writeStaticString(#"{"event":"message","#)
            message.encodeMembers(into: &buffer)
            if let trace { trace.encode(into: &buffer) }
        case .ack(let ack): ack.encode(into: &buffer)
        case .ready(let ready):
            buffer.writeStaticString(#"{"event":"ready","user_id":"#)
            buffer.writeDecimal(ready.userID)
            buffer.writeStaticString(#","username":"#)
            buffer.writeJSONString(ready.username)
            buffer.writeStaticString(#","instance":"#)
            buffer.writeJSONString(ready.instance)
            buffer.writeStaticString(#","epoch":"#)
            buffer.writeJSONString(ready.epoch)
            buffer.writeStaticString(#","ping_interval_ms":"#)
            buffer.writeDecimal(Int64(ready.pingIntervalMilliseconds))
            buffer.writeStaticString(#","max_frame_bytes":"#)
            buffer.writeDecimal(Int64(ready.maxFrameBytes))
        case .roomJoined(let joined):
            buffer.writeStaticString(#"{"event":"room_joined","room_id":"#)
            buffer.writeDecimal(joined.roomID)
            buffer.writeStaticString(#","seq":"#)
            buffer.writeDecimal(joined.seq)
            buffer.writeStaticString(#","epoch":"#)
            buffer.writeJSONString(joined.epoch)
            buffer.writeStaticString(#","online":"#)
            buffer.writeDecimal(Int64(joined.online))
            buffer.writeStaticString(joined.recovered ? #","recovered":true"# : #","recovered":false"#)
        case .roomLeft(let roomID, let reason):
            buffer.writeStaticString(#"{"event":"room_left","room_id":"#)
            buffer.writeDecimal(roomID)
            buffer.writeStaticString(#","reason":"#)
            buffer.writeJSONString(reason.rawValue)
        case .roomUpdated(let roomID, let name):
            buffer.writeStaticString(#"{"event":"room_updated","room_id":"#)
            buffer.writeDecimal(roomID)
            buffer.writeStaticString(#","name":"#)
            buffer.writeJSONString(name)
        case .userJoined(let presence): presence.encode("user_joined", into: &buffer)
        case .userLeft(let presence): presence.encode("user_left", into: &buffer)
        case .typing(let roomID, let userID, let username):
            buffer.writeStaticString(#"{"event":"typing","room_id":"#)
            buffer.writeDecimal(roomID)
            buffer.writeStaticString(#","user_id":"#)
            buffer.writeDecimal(userID)
            buffer.writeStaticString(#","username":"#)
            buffer.writeJSONString(username)
        case .error(let error): error.encode(into: &buffer)
        case .pong(let t, let serverTime):
            buffer.writeStaticString(#"{"event":"pong","#)
            if let t {
                buffer.writeStaticString(#""t":"#)
                buffer.writeString(t)
                buffer.writeInteger(UInt8(ascii: ","))
            }
            buffer.writeStaticString(#""server_time_ns":"#)
            buffer.writeDecimal(serverTime)
        }
        buffer.writeInteger(UInt8(ascii: "}"))
    }
}

extension Message {
    /// Writes the message's members, without braces: the same over REST and WebSocket.
    package func encodeMembers(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#""room_id":"#)
        buffer.writeDecimal(roomID)
        buffer.writeStaticString(#","id":"#)
        buffer.writeDecimal(id)
        buffer.writeStaticString(#","seq":"#)
        buffer.writeDecimal(seq)
        buffer.writeStaticString(#","user_id":"#)
        buffer.writeDecimal(userID)
        buffer.writeStaticString(#","username":"#)
        buffer.writeJSONString(username)
        buffer.writeStaticString(#","client_msg_id":"#)
        buffer.writeJSONString(clientMessageID)
        buffer.writeStaticString(#","created_at":""#)
        buffer.writeTimestamp(createdAt)
        buffer.writeStaticString(#"","content":"#)
        buffer.writeJSONString(content)
    }
}

extension ByteBuffer {
    /// Writes the JSON text of a `message` event that was encoded without a trace, with this trace put in.
    package mutating func writeMessagePayload(_ payload: ByteBuffer, trace: Trace?) {
        guard let trace, payload.readableBytes > 0 else {
            writeImmutableBuffer(payload)
            return
        }
        writeImmutableBuffer(payload.getSlice(at: payload.readerIndex, length: payload.readableBytes - 1) ?? payload)
        trace.encode(into: &self)
        writeInteger(UInt8(ascii: "}"))
    }
}

extension Trace {
    /// Writes `,"trace":{…}`, to stand behind a message's members.
    fileprivate func encode(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#","trace":{"received_ns":"#)
        buffer.writeDecimal(receivedNanoseconds)
        buffer.writeStaticString(#","persisted_ns":"#)
        buffer.writeDecimal(persistedNanoseconds)
        buffer.writeStaticString(#","published_ns":"#)
        buffer.writeDecimal(publishedNanoseconds)
        buffer.writeStaticString(#","broker_received_ns":"#)
        buffer.writeDecimal(brokerReceivedNanoseconds)
        buffer.writeStaticString(#","origin":"#)
        buffer.writeJSONString(origin)
        buffer.writeStaticString(#","instance":"#)
        buffer.writeJSONString(instance)
        buffer.writeInteger(UInt8(ascii: "}"))
    }
}

extension ServerEvent.Ack {
    fileprivate func encode(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"event":"ack","client_msg_id":"#)
        buffer.writeJSONString(clientMessageID)
        buffer.writeStaticString(#","room_id":"#)
        buffer.writeDecimal(roomID)
        buffer.writeStaticString(#","id":"#)
        buffer.writeDecimal(id)
        buffer.writeStaticString(#","seq":"#)
        buffer.writeDecimal(seq)
        buffer.writeStaticString(#","created_at":""#)
        buffer.writeTimestamp(createdAt)
        buffer.writeStaticString(duplicate ? #"","duplicate":true"# : #"","duplicate":false"#)
        if let trace {
            buffer.writeStaticString(#","trace":{"received_ns":"#)
            buffer.writeDecimal(trace.receivedNanoseconds)
            buffer.writeStaticString(#","persisted_ns":"#)
            buffer.writeDecimal(trace.persistedNanoseconds)
            buffer.writeInteger(UInt8(ascii: "}"))
        }
    }
}

extension ServerEvent.Presence {
    fileprivate func encode(_ event: StaticString, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"event":""#)
        buffer.writeStaticString(event)
        buffer.writeStaticString(#"","room_id":"#)
        buffer.writeDecimal(roomID)
        buffer.writeStaticString(#","user_id":"#)
        buffer.writeDecimal(userID)
        buffer.writeStaticString(#","username":"#)
        buffer.writeJSONString(username)
        buffer.writeStaticString(#","online":"#)
        buffer.writeDecimal(Int64(online))
    }
}

extension ProtocolError {
    fileprivate func encode(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"event":"error","code":"#)
        buffer.writeJSONString(code.rawValue)
        buffer.writeStaticString(#","message":"#)
        buffer.writeJSONString(message)
        if let roomID {
            buffer.writeStaticString(#","room_id":"#)
            buffer.writeDecimal(roomID)
        }
        if let clientMessageID {
            buffer.writeStaticString(#","client_msg_id":"#)
            buffer.writeJSONString(clientMessageID)
        }
        if let retryAfterMilliseconds {
            buffer.writeStaticString(#","retry_after_ms":"#)
            buffer.writeDecimal(Int64(retryAfterMilliseconds))
        }
    }
}
