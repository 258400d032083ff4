import ChatProtocol
import NIOCore

/// The client's side of the opening handshake (RFC 6455 section 4.1).
enum UpgradeRequest {
    enum Answer: Equatable {
        case incomplete
        case accepted
        case refused(String)
    }

    // The key guards against caches that do not know WebSockets; between a generator and its server there is none, so
    // all clients share the RFC's own example (section 1.3), whose answer needs no hashing.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private static let maxAnswer = 16_384

    /// - Parameter cookies: what earlier answers have set: a client that comes back shows it, as a browser does.
    static func bytes(_ user: VirtualUser, _ plan: RunPlan, cookies: CookieJar) -> ByteBuffer {
        let account = plan.accounts[user.index]
        let endpoint = user.endpoint
        let token = plan.tokens[user.index]
        var query = plan.auth == .query ? "token=\(token)&" : ""
        // For balancers that place by room or user; servers ignore both.
        if let room = user.memberships.first { query += "room=\(room.roomID)&" }
        query += "user=\(account.userID)"
        var buffer = ByteBuffer()
        buffer.writeString("GET /ws?\(query) HTTP/1.1\r\nHost: \(endpoint.host):\(endpoint.port)\r\n")
        buffer.writeString("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
        buffer.writeString("Sec-WebSocket-Key: \(key)\r\n")
        if plan.auth == .subprotocol {
            buffer.writeString("Sec-WebSocket-Protocol: chat.v1, bearer.\(token)\r\n")
        }
        if let cookie = cookies.header { buffer.writeString("Cookie: \(cookie)\r\n") }
        buffer.writeString("\r\n")
        return buffer
    }

    /// Reads the HTTP answer off the buffer, if it is whole. The cookies that it sets are kept, also those of a refusal.
    static func answer(_ buffer: inout ByteBuffer, cookies: inout CookieJar) -> Answer {
        let view = buffer.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else {
            return buffer.readableBytes > maxAnswer ? .refused("too long an answer") : .incomplete
        }
        let head = String(decoding: view[..<end.lowerBound], as: UTF8.self)
        buffer.moveReaderIndex(to: end.upperBound)
        let lines = head.split(separator: "\r\n")
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "set-cookie" { cookies.set(String(parts[1])) }
        }
        let status = lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? "?"
        guard status == "101" else { return .refused(status) }
        let isAccepted = lines.contains { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2 && parts[0].lowercased() == "sec-websocket-accept"
                && parts[1].drop(while: { $0 == " " }) == accept
        }
        return isAccepted ? .accepted : .refused("101 with a wrong Sec-WebSocket-Accept")
    }
}
