import ChatMetrics
import ChatProtocol
import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import ChatServer
@testable import TestSupport

extension ContractTests {
    /// The same server behind https and wss.
    @Suite struct Encrypted {
        private static let insecure: TLSConfiguration = {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            return configuration
        }()

        private static func run(
            drainTimeout: Double = 0,
            adjust: (inout GatewaySettings) -> Void = { _ in },
            _ body: (TestServer, ThrowawayCertificate) async throws -> Void
        ) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID())")
            defer { try? FileManager.default.removeItem(at: folder) }
            let certificate = try await ThrowawayCertificate(in: folder)
            let tls = try ServerTLS(
                certificateFile: certificate.certificate.path,
                keyFile: certificate.key.path,
                now: Clock.system.now.microseconds / 1_000_000
            )
            #expect(tls.warnings.contains { $0.contains("ends on") }, "it lives for a day: \(tls.warnings)")
            let configure = { (configuration: inout ServerConfiguration) in configuration.tls = tls }
            try await TestServer.run(drainTimeout: drainTimeout, configure: configure, adjust: adjust) { server in
                try await body(server, certificate)
            }
        }

        private static func http(_ server: TestServer, _ tls: TLSConfiguration = insecure) async throws -> TestHTTP {
            TestHTTP(socket: try await TestSocket.connect(port: server.port, tls: tls))
        }

        private static func connect(_ server: TestServer, as user: TestUser) async throws -> TestClient {
            let socket = try await TestSocket.connect(port: server.port, tls: insecure)
            let (client, _) = try await TestClient.open(socket, "/ws?token=\(user.token)")
            _ = try await client.event("ready")
            return client
        }

        private static func scrape(_ server: TestServer) async throws -> MetricsScrape {
            let http = try await http(server)
            let text = try await http.request("GET", "/metrics").text
            await http.socket.close()
            return try MetricsScrape.parse(text)
        }

        @Test func bothDoorsWork() async throws {
            try await Self.run { server, certificate in
                var trusting = TLSConfiguration.makeClientConfiguration()
                trusting.trustRoots = .file(certificate.authority.path)
                let http = try await Self.http(server, trusting)
                #expect(try await http.request("GET", "/health/live").status == 200)
                #expect(try await http.request("GET", "/health/ready").status == 200)
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let (talker, reader) = (
                    try await Self.connect(server, as: ada), try await Self.connect(server, as: bob)
                )
                for client in [talker, reader] { try await client.join(room) }
                for index in 1...300 { talker.send(message: room, "\(index)", id: "m\(index)") }
                for index in 1...Int64(300) {
                    let message = try await reader.event("message")
                    #expect(message["seq"] == .integer(index))
                    #expect(message["content"] == .string("\(index)"))
                }
                // An upgrade on a connection that carried requests before.
                let (late, _) = try await TestClient.open(http.socket, "/ws?token=\(ada.token)")
                _ = try await late.event("ready")
            }
        }

        /// What is missed may be more than one socket's bound; TLS must not hide it from the count.
        @Test func aReplayMayBeLargerThanTheOutboundBound() async throws {
            let adjust = { (settings: inout GatewaySettings) in settings.outboundBound = 64 << 10 }
            try await Self.run(adjust: adjust) { server, _ in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let content = String(repeating: "x", count: 4000)
                let batch = (1...900).map {
                    NewMessage(roomID: room, userID: ada.id, content: content, clientMessageID: "m\($0)")
                }
                _ = try await server.store.append(batch, now: Clock.system.now)
                let client = try await Self.connect(server, as: ada)
                #expect(try await client.join(room, #","after_seq":0"#)["recovered"] == .bool(true))
                for seq in 1...Int64(900) { #expect(try await client.event("message")["seq"] == .integer(seq)) }
                try await client.say("and on", in: room, id: "on")
            }
        }

        @Test func whoDoesNotReadIsClosed() async throws {
            try await Self.run { server, _ in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let socket = try await TestSocket.connect(port: server.port, receiveBuffer: 4096, tls: Self.insecure)
                let (slow, _) = try await TestClient.open(socket, "/ws?token=\(ada.token)")
                try await slow.join(room)
                try await socket.channel.setOption(.autoRead, value: false).get()
                let sender = try await Self.connect(server, as: ada)
                try await sender.join(room)
                let content = String(repeating: "\u{1F680}", count: 4000)
                var sent = 0
                while try await Self.scrape(server).value("chat_slow_consumers_total") == 0, sent < 2000 {
                    for _ in 0..<20 {
                        sent += 1
                        try await sender.say(content, in: room, id: "m\(sent)")
                    }
                }
                #expect(sent < 2000)
                await socket.close()
                try await sender.say("I am fine", in: room, id: "last")
            }
        }

        @Test func drainingClosesWith1001() async throws {
            let adjust = { (settings: inout GatewaySettings) in settings.drainNotice = .zero }
            try await Self.run(drainTimeout: 20, adjust: adjust) { server, _ in
                let client = try await Self.connect(server, as: try await server.user("ada"))
                server.stop()
                #expect(try await client.closed() == .close(code: 1001, reason: "draining"))
            }
        }

        /// Plain HTTP, nonsense, and a client that does not trust: closed, counted, and nobody else notices.
        @Test func handshakesThatFailAreCounted() async throws {
            try await Self.run { server, _ in
                let plain = try await TestHTTP.connect(port: server.port)
                plain.send("GET", "/health/live")
                let answer = try await plain.socket.readToEnd()
                #expect(!String(buffer: answer).contains("HTTP/1.1"), "nothing in plain text comes out")
                let distrustful = try await TestSocket.connect(port: server.port, tls: .makeClientConfiguration())
                distrustful.send("GET / HTTP/1.1\r\n\r\n")
                _ = try await distrustful.readToEnd()
                #expect(try await Self.http(server).request("GET", "/health/live").status == 200)
                var count = 0.0
                for _ in 0..<100 where count < 2 {
                    count =
                        try await Self.scrape(server).value("chat_connection_attempts_total", ["result": "tls_failed"])
                        ?? 0
                }
                #expect(count == 2)
            }
        }

        @Test func aHandshakeThatDoesNotComeTimesOut() async throws {
            let adjust = { (settings: inout GatewaySettings) in settings.handshakeTimeout = .milliseconds(300) }
            try await Self.run(adjust: adjust) { server, _ in
                let silent = try await TestSocket.connect(port: server.port)
                let talking = try await Self.http(server)
                #expect(try await talking.request("GET", "/health/live").status == 200)
                _ = try await silent.readToEnd(timeout: .seconds(5))
                let text = try await talking.request("GET", "/metrics").text
                #expect(text.contains(#"chat_connection_attempts_total{result="tls_timeout"} 1"#))
            }
        }

        @Test func whoeverComesTooMuchIsTold() async throws {
            let adjust = { (settings: inout GatewaySettings) in settings.maxConnections = 1 }
            try await Self.run(adjust: adjust) { server, _ in
                let first = try await Self.http(server)
                #expect(try await first.request("GET", "/health/live").status == 200)
                let second = try await Self.http(server)
                expectProblem(try await second.reply(), 503, "overloaded")
                _ = try await second.socket.readToEnd()
                // Without a handshake nothing can be told; it does not hold its descriptor for long.
                let silent = try await TestSocket.connect(port: server.port)
                _ = try await silent.readToEnd(timeout: .seconds(5))
                #expect(try await first.request("GET", "/health/live").status == 200)
            }
        }

        @Test func oldVersionsAreRefused() async throws {
            try await Self.run { server, _ in
                var old = Self.insecure
                old.minimumTLSVersion = .tlsv1
                old.maximumTLSVersion = .tlsv11
                let socket = try await TestSocket.connect(port: server.port, tls: old)
                socket.send("GET /health/live HTTP/1.1\r\nhost: test\r\n\r\n")
                #expect(try await socket.readToEnd().readableBytes == 0)
                var newer = Self.insecure
                newer.maximumTLSVersion = .tlsv12
                #expect(try await Self.http(server, newer).request("GET", "/health/live").status == 200)
            }
        }

        /// What SIGHUP does after a renewal.
        @Test func theCertificateIsReadAgain() async throws {
            try await Self.run { server, certificate in
                let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID())")
                defer { try? FileManager.default.removeItem(at: folder) }
                let renewed = try await ThrowawayCertificate(in: folder)
                var trusting = TLSConfiguration.makeClientConfiguration()
                trusting.trustRoots = .file(renewed.authority.path)
                let before = try await Self.connect(server, as: try await server.user("ada"))
                for (old, new) in [(certificate.certificate, renewed.certificate), (certificate.key, renewed.key)] {
                    try Data(contentsOf: new).write(to: old)
                    // Between the two files they do not belong together: then the old pair stays.
                    await server.application.reload()
                }
                #expect(try await Self.http(server, trusting).request("GET", "/health/live").status == 200)
                before.send(#"{"event":"ping","t":1}"#)
                #expect(try await before.event("pong")["t"] == .integer(1))
            }
        }
    }
}
