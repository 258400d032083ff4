import NIOCore

extension ClientEvent {
    /// Writes the event's JSON text, without a frame.
    package func encode(into buffer: inout ByteBuffer) {
        switch self {
        case .authenticate(let token):
            buffer.writeStaticString(#"{"event":"authenticate","token":"#)
            buffer.writeJSONString(token)
        case .joinRoom(let join):
            buffer.writeStaticString(#"{"event":"join_room","room_id":"#)
            buffer.writeDecimal(join.roomID)
            if let code = join.accessCode {
                buffer.writeStaticString(#","access_code":"#)
                buffer.writeJSONString(code)
            }
            if let seq = join.afterSeq {
                buffer.writeStaticString(#","after_seq":"#)
                buffer.writeDecimal(seq)
            }
            if let epoch = join.epoch {
                buffer.writeStaticString(#","epoch":"#)
                buffer.writeJSONString(epoch)
            }
        case .leaveRoom(let roomID):
            buffer.writeStaticString(#"{"event":"leave_room","room_id":"#)
            buffer.writeDecimal(roomID)
        case .messageSend(let send):
            buffer.writeStaticString(#"{"event":"message_send","room_id":"#)
            buffer.writeDecimal(send.roomID)
            buffer.writeStaticString(#","client_msg_id":"#)
            buffer.writeJSONString(send.clientMessageID)
            if send.trace { buffer.writeStaticString(#","trace":true"#) }
            buffer.writeStaticString(#","content":"#)
            buffer.writeJSONString(send.content)
        case .typing(let roomID):
            buffer.writeStaticString(#"{"event":"typing","room_id":"#)
            buffer.writeDecimal(roomID)
        case .ping(let t):
            buffer.writeStaticString(#"{"event":"ping""#)
            if let t {
                buffer.writeStaticString(#","t":"#)
                buffer.writeString(t)
            }
        }
        buffer.writeInteger(UInt8(ascii: "}"))
    }
}
