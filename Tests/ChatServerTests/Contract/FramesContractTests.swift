import ChatProtocol
import NIOCore
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Frames {
        @Test func aBinaryFrameCloses() async throws {
            try await Self.expectClose(1003) { $0.send(frame: 0x82, Array("{}".utf8)) }
        }

        @Test func whatIsNotUTF8Closes() async throws {
            for bytes: [UInt8] in [
                [0xFF], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82],
            ] {
                try await Self.expectClose(1007) { $0.send(frame: 0x81, bytes) }
            }
        }

        @Test func protocolErrorsClose() async throws {
            try await Self.expectClose(1002) { $0.send(frame: 0x81, Array("{}".utf8), isMasked: false) }
            try await Self.expectClose(1002) { $0.send(frame: 0xC1, Array("{}".utf8)) }
            try await Self.expectClose(1002) { $0.send(frame: 0x83, []) }
            try await Self.expectClose(1002) { $0.send(frame: 0x80, []) }
            try await Self.expectClose(1002) { $0.send(frame: 0x89, Array(repeating: 0, count: 126)) }
            try await Self.expectClose(1002) { $0.send(frame: 0x09, []) }
            try await Self.expectClose(1002) {
                $0.send(frame: 0x01, [])
                $0.send(frame: 0x81, [])
            }
        }

        @Test func aFrameOf65536BytesIsReadAndOneMoreCloses() async throws {
            try await TestServer.run { server in
                let client = try await server.connect(as: try await server.user("ada"))
                client.send(Self.ping(Limits.maxFrameBytes))
                #expect(try await client.event()["event"] == .string("pong"))
                // The rest of the frame, and more, is still coming in when the server closes.
                client.send(Self.ping(Limits.maxFrameBytes + 1))
                for _ in 0..<32 { client.send(Self.ping(Limits.maxFrameBytes)) }
                guard case .close(code: 1009, let reason) = try await client.closed() else {
                    Issue.record("not closed with 1009")
                    return
                }
                #expect(!reason.isEmpty)
            }
        }

        @Test func aFragmentedMessageIsPutTogetherAndHasTheSameLimit() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let client = try await server.connect(as: ada)
                let text = Array(#"{"event":"ping","t":"\u00e9 é"}"#.utf8)
                // A control frame between fragments, and a cut inside a character.
                client.send(frame: 0x01, Array(text.prefix(text.count - 3)))
                client.send(frame: 0x89, Array("between".utf8))
                client.send(frame: 0x00, [])
                client.send(frame: 0x80, Array(text.suffix(3)))
                #expect(try await client.next() == .pong("between"))
                #expect(try await client.event()["t"] == .string("\u{E9} \u{E9}"))

                let whole = Array(Self.ping(Limits.maxFrameBytes).utf8)
                client.send(frame: 0x01, Array(whole.prefix(30_000)))
                client.send(frame: 0x80, Array(whole.dropFirst(30_000)))
                #expect(try await client.event()["event"] == .string("pong"))
                client.send(frame: 0x01, whole)
                client.send(frame: 0x80, [0x20])
                guard case .close(code: 1009, _) = try await client.closed() else {
                    Issue.record("not closed with 1009")
                    return
                }
            }
        }

        @Test func framesCutAnywhereAreRead() async throws {
            try await TestServer.run { server in
                let client = try await server.connect(as: try await server.user("ada"))
                var bytes = TestClient.frame(0x81, Array(Self.ping(300).utf8))
                // Byte by byte through the head, then in pieces; each write is a packet of its own.
                while bytes.readableBytes > 0 {
                    let length = min(bytes.readableBytes, bytes.readerIndex < 10 ? 1 : 100)
                    if let piece = bytes.readSlice(length: length) { client.socket.send(piece) }
                }
                #expect(try await client.event()["event"] == .string("pong"))
            }
        }

        @Test func protocolPingsAreAnswered() async throws {
            try await TestServer.run { server in
                let client = try await server.connect(as: try await server.user("ada"))
                for payload in ["", "hello", String(repeating: "x", count: 125)] {
                    client.send(frame: 0x89, Array(payload.utf8))
                    #expect(try await client.next() == .pong(payload))
                }
                client.send(frame: 0x8A, Array("nobody asked".utf8))
                client.send(#"{"event":"ping"}"#)
                #expect(try await client.event()["event"] == .string("pong"))
            }
        }

        @Test func theServerPingsAndClosesWhoIsSilent() async throws {
            let adjust = { (settings: inout GatewaySettings) in
                settings.pingInterval = .milliseconds(300)
                settings.pongTimeout = .milliseconds(200)
            }
            try await TestServer.run(adjust: adjust) { server in
                let ada = try await server.user("ada")
                let answering = try await server.connect(as: ada)
                let silent = try await server.connect("/ws?token=\(ada.token)")
                #expect(try await silent.event()["ping_interval_ms"] == .integer(300))
                #expect(try await silent.next() == .ping)
                for _ in 0..<3 {
                    #expect(try await answering.next() == .ping)
                    answering.send(frame: 0x8A, [])
                }
                #expect(try await silent.closed() == .close(code: 1001, reason: "ping_timeout"))
            }
        }

        @Test func aClientsCloseIsAnswered() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let client = try await server.connect(as: ada)
                client.send(frame: 0x88, [0x03, 0xE8] + Array("bye".utf8))
                #expect(try await client.next() == .close(code: 1000, reason: ""))
                _ = try await client.socket.readToEnd()
                try await server.until("the close is counted") {
                    $0.value("chat_connections_closed_total", ["reason": "client"]) == 1
                }
            }
        }

        /// A ping event of exactly so many bytes.
        private static func ping(_ size: Int) -> String {
            let frame = #"{"event":"ping","pad":""}"#.utf8.count
            return #"{"event":"ping","pad":"\#(String(repeating: "p", count: size - frame))"}"#
        }

        private static func expectClose(
            _ code: Int,
            at location: SourceLocation = #_sourceLocation,
            _ say: (TestClient) -> Void
        ) async throws {
            try await TestServer.run { server in
                let client = try await server.connect(as: try await server.user("ada"))
                say(client)
                guard case .close(let actual, let reason) = try await client.closed() else { return }
                #expect(actual == code, sourceLocation: location)
                #expect(!reason.isEmpty, sourceLocation: location)
            }
        }
    }
}
