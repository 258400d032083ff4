import ChatProtocol
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// A JSON answer around what `body` writes.
    static func json(_ status: HTTPResponse.Status = .ok, _ body: (inout ByteBuffer) -> Void) -> Response {
        var buffer = ByteBuffer()
        body(&buffer)
        return Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: buffer)
        )
    }

    static var noContent: Response { Response(status: .noContent) }
}

extension ByteBuffer {
    /// Writes `"name":` with a comma before it unless it is the first member.
    mutating func writeKey(_ name: StaticString, first: Bool = false) {
        if !first { writeInteger(UInt8(ascii: ",")) }
        writeInteger(UInt8(ascii: "\""))
        writeStaticString(name)
        writeStaticString("\":")
    }

    /// Writes `[…]`, its elements one by one.
    mutating func writeArray<T>(_ elements: some Sequence<T>, _ write: (inout ByteBuffer, T) -> Void) {
        writeInteger(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { writeInteger(UInt8(ascii: ",")) }
            write(&self, element)
        }
        writeInteger(UInt8(ascii: "]"))
    }

    mutating func writeQuotedTimestamp(_ timestamp: Timestamp) {
        writeInteger(UInt8(ascii: "\""))
        writeTimestamp(timestamp)
        writeInteger(UInt8(ascii: "\""))
    }

    mutating func writeOptional<T>(_ value: T?, _ write: (inout ByteBuffer, T) -> Void) {
        if let value { write(&self, value) } else { writeStaticString("null") }
    }
}

extension TokenPair {
    func encode(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"user":"#)
        user.encode(into: &buffer)
        buffer.writeKey("access_token")
        buffer.writeJSONString(accessToken)
        buffer.writeKey("expires_in")
        buffer.writeDecimal(expiresIn)
        buffer.writeKey("refresh_token")
        buffer.writeJSONString(refreshToken)
        buffer.writeStaticString("}")
    }
}

extension User {
    func encode(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"id":"#)
        buffer.writeDecimal(id)
        buffer.writeKey("username")
        buffer.writeJSONString(username)
        buffer.writeStaticString("}")
    }
}

extension RoomView {
    /// Never the access code, nor its hash.
    func encode(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"id":"#)
        buffer.writeDecimal(room.id)
        buffer.writeKey("name")
        buffer.writeJSONString(room.name)
        buffer.writeKey("is_private")
        buffer.writeString(room.isPrivate ? "true" : "false")
        buffer.writeKey("created_at")
        buffer.writeQuotedTimestamp(room.createdAt)
        buffer.writeKey("last_seq")
        buffer.writeDecimal(room.lastSeq)
        buffer.writeKey("role")
        buffer.writeOptional(role) { $0.writeJSONString($1.rawValue) }
        buffer.writeKey("last_read_seq")
        buffer.writeOptional(lastReadSeq) { $0.writeDecimal($1) }
        buffer.writeKey("unread")
        buffer.writeOptional(unread) { $0.writeDecimal($1) }
        buffer.writeStaticString("}")
    }
}

extension Membership {
    func encode(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"room_id":"#)
        buffer.writeDecimal(roomID)
        buffer.writeKey("user_id")
        buffer.writeDecimal(userID)
        buffer.writeKey("role")
        buffer.writeJSONString(role.rawValue)
        buffer.writeKey("joined_at")
        buffer.writeQuotedTimestamp(joinedAt)
        buffer.writeStaticString("}")
    }
}

extension MemberRecord {
    func encode(online: Bool, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"user_id":"#)
        buffer.writeDecimal(user.id)
        buffer.writeKey("username")
        buffer.writeJSONString(user.username)
        buffer.writeKey("role")
        buffer.writeJSONString(role.rawValue)
        buffer.writeKey("joined_at")
        buffer.writeQuotedTimestamp(joinedAt)
        buffer.writeKey("online")
        buffer.writeString(online ? "true}" : "false}")
    }
}

extension Invitation {
    func encode(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"code":"#)
        buffer.writeJSONString(code)
        buffer.writeKey("room_id")
        buffer.writeDecimal(roomID)
        buffer.writeKey("max_uses")
        buffer.writeOptional(maxUses) { $0.writeDecimal(Int64($1)) }
        buffer.writeKey("uses")
        buffer.writeDecimal(Int64(uses))
        buffer.writeKey("expires_at")
        buffer.writeOptional(expiresAt) { $0.writeQuotedTimestamp($1) }
        buffer.writeKey("created_at")
        buffer.writeQuotedTimestamp(createdAt)
        buffer.writeStaticString("}")
    }
}
