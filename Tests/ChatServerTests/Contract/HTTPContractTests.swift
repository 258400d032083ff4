import ChatMetrics
import ChatProtocol
import NIOCore
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct HTTP {
        @Test func aBodyOf64KiBIsReadAndOneMoreIsNot() async throws {
            try await TestServer.run { server in
                let frame = #"{"refresh_token":"x","pad":""}"#.utf8.count
                for (size, status) in [(Limits.maxBodyBytes, 401), (Limits.maxBodyBytes + 1, 413)] {
                    let pad = String(repeating: "p", count: size - frame)
                    let body = #"{"refresh_token":"x","pad":"\#(pad)"}"#
                    let reply = try await server.request("POST", "/auth/refresh", body: body)
                    expectProblem(reply, status, status == 413 ? "too_large" : "unauthorized")
                }
            }
        }

        @Test func aChunkedBodyHasTheSameLimit() async throws {
            try await TestServer.run { server in
                let socket = try await TestSocket.connect(port: server.port)
                socket.send("POST /auth/refresh HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n")
                let chunk = "4000\r\n" + String(repeating: " ", count: 0x4000) + "\r\n"
                for _ in 0..<5 { socket.send(chunk) }
                let reply = try await TestHTTP(socket: socket).reply()
                expectProblem(reply, 413, "too_large")
                #expect(reply.headers["connection"] == "close")
                await socket.close()
            }
        }

        @Test func unknownPathsAndWrongMethods() async throws {
            try await TestServer.run { server in
                let http = try await TestHTTP.connect(port: server.port)
                for path in ["/nothing", "/rooms/1/nothing", "/ws/more", "/auth"] {
                    expectProblem(try await http.request("GET", path), 404, "not_found")
                }
                for (method, path, allowed) in [
                    ("GET", "/auth/register", "POST"), ("DELETE", "/rooms", "GET, HEAD, POST"),
                    ("PUT", "/rooms/1", "DELETE, GET, HEAD, PATCH"), ("POST", "/metrics", "GET, HEAD"),
                ] {
                    let reply = try await http.request(method, path)
                    expectProblem(reply, 405, "method_not_allowed")
                    #expect(reply.headers["allow"] == allowed)
                }
                expectProblem(try await server.request("POST", "/ws"), 405, "method_not_allowed")
            }
        }

        @Test func requestsOnOneConnectionAreAnsweredInOrder() async throws {
            try await TestServer.run { server in
                let http = try await TestHTTP.connect(port: server.port)
                let paths = ["/health/live", "/nothing", "/openapi.json", "/auth/me", "/"]
                for path in paths { http.send("GET", path) }
                var statuses: [Int] = []
                for _ in paths { statuses.append(try await http.reply().status) }
                #expect(statuses == [200, 404, 200, 401, 200])
                let head = try await http.request("HEAD", "/openapi.json")
                #expect(head.status == 200)
                #expect(head.body.readableBytes == 0)
            }
        }

        @Test func aConnectionThatShallCloseCloses() async throws {
            try await TestServer.run { server in
                let http = try await TestHTTP.connect(port: server.port)
                let reply = try await http.request("GET", "/health/live", headers: ["connection": "close"])
                #expect(reply.headers["connection"] == "close")
                _ = try await http.socket.readToEnd()
            }
        }

        @Test func whatIsNoHTTPIsClosed() async throws {
            try await TestServer.run { server in
                let socket = try await TestSocket.connect(port: server.port)
                socket.send("\u{1}\u{2}\u{3} certainly not HTTP\r\n\r\n")
                _ = try await socket.readToEnd()
            }
        }

        @Test func health() async throws {
            try await TestServer.run { server in
                for path in ["/health/live", "/health/ready"] {
                    let reply = try await server.request("GET", path)
                    #expect(reply.status == 200)
                    #expect(reply.json.keys == ["status", "checks"])
                    let ok = JSON.string("ok")
                    #expect(reply.json["checks"] == .object(["store": ok, "broker": ok, "draining": ok]))
                }
            }
        }

        @Test func theDocuments() async throws {
            try await TestServer.run { server in
                let api = try await server.request("GET", "/openapi.json")
                #expect(api.headers["content-type"] == "application/json")
                #expect(api.json["openapi"]?.string?.hasPrefix("3.") == true)
                for path in ["/auth/register", "/rooms/{id}/messages", "/invitations/{code}/accept"] {
                    #expect(api.json["paths"]?[path] != nil, "\(path)")
                }
                let page = try await server.request("GET", "/")
                #expect(page.status == 200)
                #expect(page.headers["content-type"]?.hasPrefix("text/html") == true)
            }
        }

        @Test func aConnectionOverTheLimitGets503() async throws {
            let adjust = { (settings: inout GatewaySettings) in settings.maxConnections = 3 }
            try await TestServer.run(adjust: adjust) { server in
                let ada = try await server.user("ada")
                let open = [try await server.connect(as: ada), try await server.connect(as: ada)]
                let third = try await TestHTTP.connect(port: server.port)
                #expect(try await third.request("GET", "/health/live").status == 200)
                let fourth = try await TestHTTP.connect(port: server.port)
                fourth.socket.send(TestClient.handshake("/ws?token=\(ada.token)"))
                let refusal = try await fourth.reply()
                expectProblem(refusal, 503, "overloaded")
                #expect(refusal.headers["retry-after"] != nil)
                _ = try await fourth.socket.readToEnd()
                let metrics = try MetricsScrape.parse(try await third.request("GET", "/metrics").text)
                #expect(metrics.value("chat_connection_attempts_total", ["result": "over_capacity"]) == 1)
                for client in open {
                    client.send(#"{"event":"ping"}"#)
                    _ = try await client.event("pong")
                }
            }
        }

        @Test func methodsThatNobodyTakes() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                for method in ["PROPFIND", "TRACE", "MKCOL"] {
                    let reply = try await server.request(method, "/rooms", as: ada)
                    expectProblem(reply, 405, "method_not_allowed")
                    #expect(reply.headers["allow"]?.contains("GET") == true)
                    expectProblem(try await server.request(method, "/nowhere", as: ada), 404, "not_found")
                }
            }
        }

        @Test func whatIsNoHTTPIsToldSo() async throws {
            try await TestServer.run { server in
                let texts = [
                    "hello there\r\n\r\n", "GET / HTTP/1.1\r\nbroken header\r\n\r\n",
                    "GET / HTTP/1.1\r\nx: \(String(repeating: "y", count: 200_000))\r\n\r\n",
                ]
                for text in texts {
                    let http = try await TestHTTP.connect(port: server.port)
                    http.socket.send(text)
                    expectProblem(try await http.reply(), 400, "bad_request")
                    _ = try await http.socket.readToEnd()
                }
            }
        }

        @Test func aClientMayAskBeforeItSendsItsBody() async throws {
            try await TestServer.run { server in
                let http = try await TestHTTP.connect(port: server.port)
                let body = #"{"refresh_token":"x"}"#
                let head = "POST /auth/refresh HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\n"
                http.socket.send(head + "content-length: \(body.utf8.count)\r\n\r\n")
                #expect(try await http.reply(hasBody: false).status == 100)
                http.socket.send(body)
                expectProblem(try await http.reply(), 401, "unauthorized")
            }
        }

        @Test func limitsAnswer429() async throws {
            try await TestServer.run(limitsOn: true) { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                let socket = try await server.connect(as: ada)
                try await socket.join(room)
                for index in 0..<200 { socket.send(message: room, "flood", id: "m\(index)") }
                let refusal = try await socket.event("error")
                expectError(refusal, "rate_limited")
                #expect((refusal["retry_after_ms"]?.integer ?? 0) > 0)
                #expect(refusal["client_msg_id"]?.string?.hasPrefix("m") == true)

                let hidden = #"{"name":"Vault","is_private":true,"access_code":"sesame"}"#
                let vault = try await server.request("POST", "/rooms", as: ada, body: hidden)
                let path = "/rooms/\(try #require(vault.json["id"]?.integer))/join"
                let eve = try await server.user("eve")
                var reply = try await server.request("POST", path, as: eve)
                for _ in 0..<10 where reply.status == 403 {
                    reply = try await server.request("POST", path, as: eve, body: #"{"access_code":"guess"}"#)
                }
                expectProblem(reply, 429, "rate_limited")
                #expect(reply.headers["retry-after"].flatMap { Int($0) } ?? 0 > 0)
            }
        }
    }
}
