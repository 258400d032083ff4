import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    @Suite struct Events {
        @Test func pingEchoesWhatCame() async throws {
            try await TestServer.run { server in
                let client = try await server.connect(as: try await server.user("ada"))
                let before = Clock.system.nanoseconds()
                for (sent, back) in [
                    ("42", JSON.integer(42)), ("-1.5e3", .number(-1500)), ("\"t \\u00e9 \\n\"", .string("t \u{E9} \n")),
                    ("9007199254740993", .integer(9_007_199_254_740_993)), ("\"\"", .string("")),
                ] {
                    client.send(#"{"event":"ping","t":\#(sent)}"#)
                    let pong = try await client.event()
                    #expect(pong["event"] == .string("pong"))
                    #expect(pong["t"] == back || pong["t"] == .integer(-1500))
                    #expect((pong["server_time_ns"]?.integer ?? 0) >= before)
                }
                for t in ["true", "[1]", "{}"] {
                    client.send(#"{"event":"ping","t":\#(t)}"#)
                    expectError(try await client.event(), "invalid_event")
                }
            }
        }

        @Test func whatIsNoEventIsAnErrorAndTheConnectionLivesOn() async throws {
            try await TestServer.run { server in
                let ada = try await server.user("ada")
                let client = try await server.connect(as: ada)
                let rows: [(text: String, code: String)] = [
                    ("", "malformed_json"), ("{", "malformed_json"), ("{}x", "malformed_json"),
                    (#"{"event":"ping",}"#, "malformed_json"), (#"{"event":"ping","t":01}"#, "malformed_json"),
                    (#"{"event":"\ud800"}"#, "invalid_event"), ("[]", "invalid_event"), ("1", "invalid_event"),
                    ("{}", "invalid_event"), (#"{"event":1}"#, "invalid_event"), (#"{"event":null}"#, "invalid_event"),
                    (#"{"event":"dance"}"#, "unknown_event"), (#"{"event":"Ping"}"#, "unknown_event"),
                    (#"{"event":"ping","event":"ping"}"#, "invalid_event"),
                    (String(repeating: "[", count: 60_000), "malformed_json"),
                ]
                for row in rows {
                    client.send(row.text)
                    expectError(try await client.event(), row.code)
                }
                client.send(#"{"event":"ping","t":1,"deep":{"a":[{"b":null}]},"more":1e3}"#)
                #expect(try await client.event()["t"] == .integer(1))
            }
        }

        @Test(arguments: ["room_id", "content", "client_msg_id", "trace"])
        func everyMemberOfMessageSendIsChecked(member: String) async throws {
            try await TestServer.run { server in
                let client = try await server.connect(as: try await server.user("ada"))
                let good = [
                    "room_id": "7", "content": "\"hi\"", "client_msg_id": "\"m1\"", "trace": "true",
                ]
                var wrong = ["null", "[]", "{}", "1.5", "-", "true", "\"x\"", ""]
                if member == "trace" { wrong = ["1", "\"true\"", "[]"] }
                if ["content", "client_msg_id"].contains(member) { wrong.removeAll { $0 == "\"x\"" } }
                for value in wrong {
                    var members = good
                    members[member] = value.isEmpty ? nil : value
                    let text = members.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",")
                    client.send(#"{"event":"message_send",\#(text)}"#)
                    let error = try await client.event()
                    expectError(error, value == "-" ? "malformed_json" : "invalid_event")
                    // What could be read is told; where the text breaks off, that depends on the order.
                    guard value != "-" else { continue }
                    if member != "room_id" { #expect(error["room_id"] == .integer(7)) }
                    if member != "client_msg_id" { #expect(error["client_msg_id"] == .string("m1")) }
                }
            }
        }

        @Test func theMembersOfTheOtherEvents() async throws {
            try await TestServer.run { server in
                let client = try await server.connect(as: try await server.user("ada"))
                for event in ["join_room", "leave_room", "typing"] {
                    for room in ["", #","room_id":"7""#, #","room_id":7.5"#, #","room_id":null"#] {
                        client.send(#"{"event":"\#(event)"\#(room)}"#)
                        expectError(try await client.event(), "invalid_event")
                    }
                }
                for (more, code) in [
                    (#""after_seq":"1""#, "invalid_event"), (#""after_seq":-1"#, "validation_failed"),
                    (#""epoch":1"#, "invalid_event"), (#""access_code":1"#, "invalid_event"),
                ] {
                    client.send(#"{"event":"join_room","room_id":7,\#(more)}"#)
                    let error = try await client.event()
                    expectError(error, code)
                    #expect(error["room_id"] == .integer(7))
                }
                for token in ["1", "null", "\"\""] {
                    client.send(#"{"event":"authenticate","token":\#(token)}"#)
                    let error = try await client.event()
                    expectError(error, token == "\"\"" ? "validation_failed" : "invalid_event")
                }
            }
        }
    }
}
