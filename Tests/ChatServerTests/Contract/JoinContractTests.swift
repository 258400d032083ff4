import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Joins {
        @Test func joiningAPublicRoomMakesAMember() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let eve = try await server.user("eve")
                let room = try await server.room(of: ada)
                let client = try await server.connect(as: eve)
                let joined = try await client.join(room)
                #expect(joined.keys == ["event", "room_id", "seq", "epoch", "online", "recovered"])
                #expect(joined["seq"] == .integer(0))
                #expect(joined["recovered"] == .bool(false))
                let epoch = try await server.store.epoch()
                #expect(joined["epoch"] == .string(epoch))
                let seen = try await server.request("GET", "/rooms/\(room)", as: eve)
                #expect(seen.json["role"] == .string("member"))
            }
        }

        @Test func accessCodesOverTheSocket() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let eve = try await server.user("eve")
                let body = #"{"name":"Vault","is_private":true,"access_code":"sesame"}"#
                let made = try await server.request("POST", "/rooms", as: ada, body: body)
                let room = try #require(made.json["id"]?.integer)
                let client = try await server.connect(as: eve)
                for more in ["", #","access_code":"wrong""#] {
                    client.send(join: room, more)
                    let error = try await client.event()
                    expectError(error, "wrong_access_code")
                    #expect(error["room_id"] == .integer(room))
                }
                try await client.join(room, #","access_code":"sesame""#)
                // A member needs it no more.
                try await client.join(room)
            }
        }

        @Test func recoversWhatWasMissed() async throws {
            let adjust = { (settings: inout GatewaySettings) in settings.replayLimit = 10 }
            try await TestServer.run(adjust: adjust) { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                try await server.fill(room, by: ada, count: 20)
                let epoch = try await server.store.epoch()
                let client = try await server.connect(as: ada)
                let rows: [(more: String, recovered: Bool, replayed: ClosedRange<Int64>?)] = [
                    ("", false, nil), (#","after_seq":null"#, false, nil), (#","after_seq":20"#, true, nil),
                    (#","after_seq":19"#, true, 20...20), (#","after_seq":10"#, true, 11...20),
                    (#","after_seq":9"#, false, nil), (#","after_seq":0"#, false, nil),
                    (#","after_seq":21"#, false, nil),
                    (#","after_seq":18,"epoch":"\#(epoch)""#, true, 19...20),
                    (#","after_seq":18,"epoch":"another""#, false, nil),
                    (#","after_seq":20,"epoch":"another""#, false, nil),
                    (#","epoch":"\#(epoch)""#, false, nil),
                ]
                for row in rows {
                    let joined = try await client.join(room, row.more)
                    #expect(joined["recovered"] == .bool(row.recovered), "\(row.more)")
                    #expect(joined["seq"]?.integer == 20, "\(row.more)")
                    client.send(#"{"event":"leave_room","room_id":\#(room)}"#)
                    var seqs: [Int64] = []
                    while true {
                        let event = try await client.event()
                        if event["event"] == .string("room_left") { break }
                        if event["event"] == .string("message") { seqs += [event["seq"]?.integer ?? 0] }
                    }
                    #expect(seqs == row.replayed.map { Array($0) } ?? [], "\(row.more)")
                }
                let metrics = try await server.scrape()
                #expect(metrics.value("chat_message_deliveries_total", ["path": "replay"]) == 13)
                #expect(metrics.value("chat_recoveries_total", ["result": "recovered"]) == 4)
            }
        }

        @Test func replaysAThousandByDefaultAndNoMore() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let room = try await server.room(of: ada)
                try await server.fill(room, by: ada, count: 1001)
                let client = try await server.connect(as: ada)
                #expect(try await client.join(room, #","after_seq":0"#)["recovered"] == .bool(false))
                #expect(try await client.join(room, #","after_seq":1"#)["recovered"] == .bool(true))
                for seq in 2...Int64(1001) {
                    let message = try await client.event()
                    try #require(message["seq"] == .integer(seq))
                }
                try await client.say("live", in: room, id: "m1")
            }
        }

        @Test func joiningAgainStartsOver() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let bob = try await server.user("bob")
                let room = try await server.room(of: ada, [bob])
                let watcher = try await server.connect(as: ada)
                try await watcher.join(room)
                let client = try await server.connect(as: bob)
                try await client.join(room)
                _ = try await watcher.event("user_joined")
                try await client.say("one", in: room, id: "m1")
                let again = try await client.join(room, #","after_seq":0"#)
                #expect(again["recovered"] == .bool(true))
                #expect(again["online"] == .integer(2))
                #expect(try await client.event("message")["seq"] == .integer(1))
                try await client.say("two", in: room, id: "m2")
                // Each message once, and nobody was told that somebody came or went.
                for seq in 1...Int64(2) {
                    let event = try await watcher.event()
                    #expect(event["event"] == .string("message"))
                    #expect(event["seq"] == .integer(seq))
                }
                #expect(try await server.scrape().value("chat_room_subscriptions") == 2)
            }
        }

        @Test func nothingIsLostOrDoubledWhileOthersSend() async throws {
            try await TestServer.run { server in
                let users = [try await server.user("ada"), try await server.user("bob"), try await server.user("eve")]
                let room = try await server.room(of: users[0], users)
                let total: Int64 = 900
                try await withThrowingTaskGroup { group in
                    for user in users {
                        group.addTask {
                            let sender = try await server.connect(as: user)
                            try await sender.join(room)
                            // A window of ten: a load that lasts while the others come and go.
                            for index in 0..<10 { sender.send(message: room, "x", id: "m\(index)") }
                            for index in 10..<310 {
                                let ack = try await sender.event("ack")
                                #expect(ack["duplicate"] == .bool(false))
                                if index < 300 { sender.send(message: room, "x", id: "m\(index)") }
                            }
                        }
                    }
                    for lane in 0..<6 {
                        group.addTask { try await Self.comeAndGo(server, users[lane % 3], room, until: total, lane) }
                    }
                    try await group.waitForAll()
                }
            }
        }

        /// Joins again and again, on the same or another connection, and checks that `seq` rises by one throughout.
        private static func comeAndGo(
            _ server: TestServer,
            _ user: TestUser,
            _ room: RoomID,
            until last: Int64,
            _ lane: Int
        ) async throws {
            var client = try await server.connect(as: user)
            var seen: Int64 = 0
            var rounds = 0
            while seen < last {
                let joined = try await client.join(room, #","after_seq":\#(seen)"#)
                try #require(joined["recovered"] == .bool(true))
                let goal = min(last, max(seen + 1 + Int64(rounds % 7) * 5, joined["seq"]?.integer ?? 0))
                while seen < goal {
                    let seq = try await client.event("message", in: room)["seq"]?.integer
                    try #require(seq == seen + 1)
                    seen += 1
                }
                rounds += 1
                switch (lane + rounds) % 3 {
                case 0: break
                case 1:
                    client.send(#"{"event":"leave_room","room_id":\#(room)}"#)
                    while true {
                        let event = try await client.event()
                        if event["event"] == .string("room_left") { break }
                        guard event["event"] == .string("message") else { continue }
                        try #require(event["seq"]?.integer == seen + 1)
                        seen += 1
                    }
                default:
                    await client.socket.close()
                    client = try await server.connect(as: user)
                }
            }
        }
    }
}
