import NIOHTTP1
import Testing

@testable import ChatServer

@Suite struct WebSocketUpgradeTests {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private static func head(
        _ uri: String = "/ws",
        method: HTTPMethod = .GET,
        version: HTTPVersion = .http1_1,
        _ changes: [(String, String?)] = []
    ) -> HTTPRequestHead {
        var headers: HTTPHeaders = [
            "Host": "test", "Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key,
        ]
        for (name, value) in changes {
            headers.remove(name: name)
            if let value { headers.add(name: name, value: value) }
        }
        return HTTPRequestHead(version: version, method: method, uri: uri, headers: headers)
    }

    private static func refusal(_ head: HTTPRequestHead) -> HTTPResponseStatus? {
        if case .refuse(let status, _) = WebSocketUpgrade.decide(head) { status } else { nil }
    }

    @Test func acceptsAnUpgrade() {
        #expect(WebSocketUpgrade.decide(Self.head()) == .accept(key: Self.key, subprotocol: nil, token: nil))
    }

    @Test(arguments: ["/", "/ws/", "/wss", "/ws/more", "/rooms?x=/ws"])
    func otherPathsAreNotItsBusiness(uri: String) {
        #expect(WebSocketUpgrade.decide(Self.head(uri)) == nil)
    }

    @Test(arguments: [
        ("/ws?token=abc", "abc"), ("/ws?room=1&token=abc&user=2", "abc"), ("/ws?token=a%2Eb%2Dc", "a.b-c"),
        ("/ws?token=", ""), ("/ws?token=%zz", ""), ("/ws?token=a&token=b", "a"), ("/ws?TOKEN=a", nil), ("/ws?", nil),
        ("/ws?xtoken=a", nil), ("/ws?token", nil),
    ])
    func theTokenInTheQuery(uri: String, token: String?) {
        #expect(WebSocketUpgrade.decide(Self.head(uri)) == .accept(key: Self.key, subprotocol: nil, token: token))
    }

    @Test(arguments: [
        ("chat.v1, bearer.abc", "chat.v1", "abc"), ("bearer.abc,chat.v1", "chat.v1", "abc"),
        ("chat.v1", "chat.v1", nil),
        ("bearer.a.b.c", nil, "a.b.c"), ("other", nil, nil), ("chat.v1, bearer.", "chat.v1", ""),
    ])
    func theTokenAsASubprotocol(offer: String, subprotocol: String?, token: String?) {
        let head = Self.head("/ws", [("Sec-WebSocket-Protocol", offer)])
        #expect(WebSocketUpgrade.decide(head) == .accept(key: Self.key, subprotocol: subprotocol, token: token))
    }

    @Test func offersInSeveralHeadersAreOneList() {
        var head = Self.head("/ws?token=query", [("Sec-WebSocket-Protocol", "chat.v1")])
        head.headers.add(name: "Sec-WebSocket-Protocol", value: "bearer.abc")
        #expect(WebSocketUpgrade.decide(head) == .accept(key: Self.key, subprotocol: "chat.v1", token: "abc"))
    }

    @Test func refusals() {
        #expect(Self.refusal(Self.head(method: .POST)) == .methodNotAllowed)
        #expect(Self.refusal(Self.head(version: .http1_0)) == .upgradeRequired)
        #expect(Self.refusal(Self.head("/ws", [("Upgrade", nil)])) == .upgradeRequired)
        #expect(Self.refusal(Self.head("/ws", [("Upgrade", "h2c")])) == .upgradeRequired)
        #expect(Self.refusal(Self.head("/ws", [("Connection", "keep-alive")])) == .upgradeRequired)
        #expect(Self.refusal(Self.head("/ws", [("Sec-WebSocket-Version", nil)])) == .upgradeRequired)
        #expect(Self.refusal(Self.head("/ws", [("Sec-WebSocket-Version", "12")])) == .upgradeRequired)
        #expect(Self.refusal(Self.head("/ws", [("Sec-WebSocket-Key", nil)])) == .badRequest)
        #expect(Self.refusal(Self.head("/ws", [("Sec-WebSocket-Key", "c2hvcnQ=")])) == .badRequest)
        #expect(Self.refusal(Self.head("/ws", [("Sec-WebSocket-Key", "not base64, surely!!!!!=")])) == .badRequest)
        var twice = Self.head()
        twice.headers.add(name: "Sec-WebSocket-Key", value: Self.key)
        #expect(Self.refusal(twice) == .badRequest)
    }

    @Test func theAnswerIsTheOneOfTheRFC() {
        let head = WebSocketUpgrade.response(key: Self.key, subprotocol: "chat.v1")
        #expect(head.status == .switchingProtocols)
        #expect(head.headers["sec-websocket-accept"] == ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="])
        #expect(head.headers["sec-websocket-protocol"] == ["chat.v1"])
        #expect(WebSocketUpgrade.response(key: Self.key, subprotocol: nil).headers["sec-websocket-protocol"] == [])
    }
}
