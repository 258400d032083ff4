import ChatMetrics
import ChatProtocol
import NIOCore
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Draining {
        @Test func socketsCloseWith1001() async throws {
            try await TestServer.run(drainTimeout: 20) { server in
                let ada = try await server.user("ada")
                let ready = try await server.connect(as: ada)
                let anonymous = try await server.connect()
                server.stop()
                for client in [ready, anonymous] {
                    #expect(try await client.closed() == .close(code: 1001, reason: "draining"))
                }
            }
        }

        @Test func whatIsUnderWayIsAnsweredFirst() async throws {
            try await TestServer.run(eventLoops: 1, drainTimeout: 20) { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let client = try await server.connect(as: ada)
                try await client.join(room)
                for index in 0..<200 { client.send(message: room, "\(index)", id: "m\(index)") }
                // The one loop has read those when it answers this.
                #expect(try await server.request("GET", "/health/live").status == 200)
                server.stop()
                var acks: [Int64] = []
                loop: while true {
                    switch try await client.next() {
                    case .event(let event):
                        if event["event"] == .string("ack") { acks += [event["seq"]?.integer ?? 0] }
                    case .close(let code, let reason):
                        #expect(code == 1001)
                        #expect(reason == "draining")
                        break loop
                    case .ping, .pong: continue
                    }
                }
                #expect(acks == Array(1...200))
            }
        }

        @Test func aRequestUnderWayIsAnswered() async throws {
            try await TestServer.run(eventLoops: 1, drainTimeout: 20) { server in
                let http = try await TestHTTP.connect(port: server.port)
                http.send("POST", "/auth/register", body: #"{"username":"ada","password":"correct horse"}"#)
                #expect(try await server.request("GET", "/health/live").status == 200)
                server.stop()
                let reply = try await http.reply()
                #expect(reply.status == 201)
                #expect(reply.headers["connection"] == "close")
            }
        }

        /// First it is not ready, and its port still answers; then the sockets go, a few at a time.
        @Test func socketsCloseInBatches() async throws {
            let adjust = { (settings: inout GatewaySettings) in
                settings.drainNotice = .milliseconds(400)
                settings.drainBatch = 1
            }
            try await TestServer.run(eventLoops: 1, drainTimeout: 4, adjust: adjust) { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                var clients: [TestClient] = []
                for _ in 0..<12 { clients.append(try await server.connect(as: ada)) }
                try await clients[0].join(room)
                server.stop()
                var ready = try await server.request("GET", "/health/ready")
                while ready.status == 200 { ready = try await server.request("GET", "/health/ready") }
                #expect(ready.status == 503)
                #expect(try await server.scrape().value("chat_connections") == 12, "nobody is closed yet")
                let start = ContinuousClock.now
                let times = try await withThrowingTaskGroup(of: Duration.self) { group in
                    for client in clients {
                        group.addTask { () async throws -> Duration in
                            let end = try await client.closed()
                            #expect(end == .close(code: 1001, reason: "draining"))
                            return ContinuousClock.now - start
                        }
                    }
                    var times: [Duration] = []
                    for try await time in group { times.append(time) }
                    return times.sorted()
                }
                // One in each tick of 100 ms.
                #expect(times[11] - times[0] > .milliseconds(800), "\(times)")
                #expect(times[11] < .seconds(4), "\(times)")
            }
        }

        /// Whoever never stops sending is let go all the same: what was read is answered, and nothing more is read.
        @Test func whoeverKeepsSendingGoesToo() async throws {
            let adjust = { (settings: inout GatewaySettings) in settings.drainNotice = .milliseconds(50) }
            try await TestServer.run(eventLoops: 1, drainTimeout: 20, adjust: adjust) { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let client = try await server.connect(as: ada)
                try await client.join(room)
                let sending = Task {
                    var count = 0
                    while !Task.isCancelled, client.socket.channel.isActive {
                        count += 1
                        client.send(message: room, "on", id: "m\(count)")
                        try await Task.sleep(for: .milliseconds(1))
                    }
                }
                _ = try await client.event("ack")
                server.stop()
                #expect(try await client.closed() == .close(code: 1001, reason: "draining"))
                sending.cancel()
                _ = try? await sending.value
            }
        }

        @Test func aDrainingInstanceSaysSo() async throws {
            try await TestServer.run(drainTimeout: 20) { server in
                let ada = try await server.user("ada")
                let metrics = try await TestHTTP.connect(port: server.port)
                let http = try await TestHTTP.connect(port: server.port)
                let later = try await TestHTTP.connect(port: server.port)
                for door in [metrics, http, later] {
                    #expect(try await door.request("GET", "/health/ready").status == 200)
                }
                // A peer that does not answer the close frame keeps the drain going for a while.
                let client = try await server.connect(as: ada)
                server.stop()
                #expect(try await client.next() == .close(code: 1001, reason: "draining"))
                let ready = try await http.request("GET", "/health/ready")
                #expect(ready.status == 503)
                #expect(ready.json["checks"]?["draining"] != .string("ok"))
                #expect(ready.json["checks"]?["store"] == .string("ok"))
                let scrape = try MetricsScrape.parse(try await metrics.request("GET", "/metrics").text)
                #expect(scrape.value("chat_draining") == 1)
                // A balancer's kept-alive connection may still bring an upgrade.
                let (upgraded, _) = try await TestClient.open(later.socket, "/ws?token=\(ada.token)")
                #expect(try await upgraded.closed() == .close(code: 1001, reason: "draining"))
            }
        }
    }

    @Suite struct SlowReaders {
        @Test func aReaderThatDoesNotReadIsClosedAndNobodyElseIs() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let socket = try await TestSocket.connect(port: server.port, receiveBuffer: 4096)
                let (slow, _) = try await TestClient.open(socket, "/ws?token=\(ada.token)")
                try await slow.join(room)
                try await socket.channel.setOption(.autoRead, value: false).get()
                let sender = try await server.connect(as: ada)
                try await sender.join(room)
                let content = String(repeating: "\u{1F680}", count: 4000)
                var sent = 0
                // The kernel's buffers take a few MiB, then the server's bound of 1 MiB fills.
                while try await server.scrape().value("chat_slow_consumers_total") == 0, sent < 2000 {
                    for _ in 0..<20 {
                        sent += 1
                        try await sender.say(content, in: room, id: "m\(sent)")
                    }
                }
                try await socket.startReading()
                var seqs: [Int64] = []
                var end: Incoming?
                while end == nil {
                    switch try await slow.next() {
                    case .event(let event): seqs += event["seq"]?.integer.map { [$0] } ?? []
                    case .close(let code, let reason): end = .close(code: code, reason: reason)
                    case .ping, .pong: continue
                    }
                }
                #expect(end == .close(code: 1013, reason: "slow_consumer"))
                // Up to its end it missed nothing.
                #expect(seqs == Array(1...Int64(seqs.count)))
                #expect(seqs.count < sent)
                try await server.until("the close is counted") {
                    $0.value("chat_connections_closed_total", ["reason": "slow_consumer"]) == 1
                }
                #expect(try await server.scrape().value("chat_errors_total", ["stage": "deliver"]) == 1)
                try await sender.say("I am fine", in: room, id: "last")
            }
        }
    }
}
