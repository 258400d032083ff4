import ChatProtocol
import Crypto
import Foundation
import NIOCore
import NIOHTTP1

/// The opening handshake of RFC 6455 section 4.2, as a pure decision over a request's head.
enum WebSocketUpgrade: Equatable {
    case accept(key: String, subprotocol: String?, token: String?)
    /// Not acceptable as an upgrade: a status, an explanation, and the headers that it wants.
    case refuse(HTTPResponseStatus, String)

    /// - Returns: nil if the request does not ask for `/ws`.
    static func decide(_ head: HTTPRequestHead) -> WebSocketUpgrade? {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.first == "/ws" else { return nil }
        guard head.method == .GET else { return .refuse(.methodNotAllowed, "a WebSocket is opened with GET") }
        let asksForUpgrade =
            head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
            && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
        guard asksForUpgrade, head.version == .http1_1 else {
            return .refuse(.upgradeRequired, "this is a WebSocket endpoint")
        }
        guard head.headers["sec-websocket-version"] == ["13"] else {
            return .refuse(.upgradeRequired, "WebSocket version 13 is spoken here")
        }
        guard head.headers["sec-websocket-key"].count == 1, let key = head.headers.first(name: "sec-websocket-key"),
            Data(base64Encoded: key)?.count == 16
        else { return .refuse(.badRequest, "Sec-WebSocket-Key must be 16 bytes in base64") }
        let offered = head.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        let bearer = offered.first { $0.hasPrefix("bearer.") }.map { String($0.dropFirst(7)) }
        return .accept(
            key: key,
            subprotocol: offered.contains("chat.v1") ? "chat.v1" : nil,
            token: bearer ?? queryToken(parts.count > 1 ? parts[1] : "")
        )
    }

    private static func queryToken(_ query: Substring) -> String? {
        for item in query.split(separator: "&") where item.hasPrefix("token=") {
            return String(item.dropFirst(6)).removingPercentEncoding ?? ""
        }
        return nil
    }

    /// The answer that opens the WebSocket.
    static func response(key: String, subprotocol: String?) -> HTTPResponseHead {
        // RFC 6455 section 1.3: SHA-1 over the key and this fixed id.
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        var headers: HTTPHeaders = [
            "upgrade": "websocket", "connection": "upgrade",
            "sec-websocket-accept": Data(digest).base64EncodedString(),
        ]
        if let subprotocol { headers.add(name: "sec-websocket-protocol", value: subprotocol) }
        return HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
    }
}
