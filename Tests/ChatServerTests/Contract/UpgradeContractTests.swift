import ChatMetrics
import ChatProtocol
import NIOCore
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Upgrades {
        @Test func asALaterRequestOfAKeptAliveConnection() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let http = try await TestHTTP.connect(port: server.port)
                #expect(try await http.request("GET", "/health/live").status == 200)
                #expect(try await http.request("GET", "/auth/me", token: ada.token).status == 200)
                let (client, _) = try await TestClient.open(http.socket, "/ws?token=\(ada.token)")
                #expect(try await client.event()["event"] == .string("ready"))
            }
        }

        @Test func pipelinedBehindARequest() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let http = try await TestHTTP.connect(port: server.port)
                var packet = ByteBuffer(
                    string: "GET /auth/me HTTP/1.1\r\nhost: t\r\nauthorization: Bearer \(ada.token)\r\n\r\n")
                packet.writeString(TestClient.handshake("/ws?token=\(ada.token)"))
                packet.writeImmutableBuffer(TestClient.frame(0x81, Array(#"{"event":"ping","t":1}"#.utf8)))
                http.socket.send(packet)
                #expect(try await http.reply().status == 200)
                #expect(try await http.reply(hasBody: false).status == 101)
                let client = TestClient(socket: http.socket)
                #expect(try await client.event()["event"] == .string("ready"))
                #expect(try await client.event()["event"] == .string("pong"))
            }
        }

        @Test func whatIsNoUpgradeIsRefused() async throws {
            try await TestServer.run { server in
                let upgrade = ["upgrade": "websocket", "connection": "upgrade"]
                let key = ["sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="]
                let version = ["sec-websocket-version": "13"]
                let rows: [(headers: [String: String], status: Int)] = [
                    ([:], 426), (upgrade.merging(key) { $1 }, 426),
                    (upgrade.merging(key) { $1 }.merging(["sec-websocket-version": "8"]) { $1 }, 426),
                    (upgrade.merging(version) { $1 }, 400),
                    (upgrade.merging(version) { $1 }.merging(["sec-websocket-key": "short"]) { $1 }, 400),
                ]
                for row in rows {
                    let reply = try await server.request("GET", "/ws", headers: row.headers)
                    #expect(reply.status == row.status)
                    #expect(reply.headers["content-type"] == "application/problem+json")
                    #expect(reply.json.keys == ["type", "title", "status", "detail", "code"])
                    if row.status == 426 { #expect(reply.headers["sec-websocket-version"] == "13") }
                }
            }
        }

        @Test func attemptsAreCounted() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let client = try await server.connect(as: ada)
                _ = try await server.request("GET", "/ws")
                let metrics = try await server.scrape()
                #expect(metrics.value("chat_connection_attempts_total", ["result": "accepted"]) == 1)
                #expect(metrics.value("chat_connection_attempts_total", ["result": "refused"]) == 1)
                #expect(metrics.value("chat_connections") == 1)
                #expect(metrics.value("chat_connections_opened_total") == 1)
                await client.socket.close()
                try await server.until("the loss is counted") {
                    $0.value("chat_connections") == 0
                        && $0.value("chat_connections_closed_total", ["reason": "lost"]) == 1
                }
            }
        }
    }
}
