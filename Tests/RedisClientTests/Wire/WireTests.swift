import NIOCore
import Testing

@testable import RedisClient

struct WireTests {
    @Test func `a command is an array of bulk strings`() {
        let command = RedisCommand("SET", "ключ", "")
        #expect(String(buffer: command.bytes) == "*3\r\n$3\r\nSET\r\n$8\r\nключ\r\n$0\r\n\r\n")
    }

    @Test func `a batch of PUBLISH is one run of bytes`() {
        let bytes = RedisCommand.publish([
            RedisMessage(channel: "a", payload: ByteBuffer(bytes: [0, 13, 10])),
            RedisMessage(channel: "bc", payload: ByteBuffer()),
        ])
        #expect(
            String(buffer: bytes)
                == "*3\r\n$7\r\nPUBLISH\r\n$1\r\na\r\n$3\r\n\0\r\n\r\n*3\r\n$7\r\nPUBLISH\r\n$2\r\nbc\r\n$0\r\n\r\n"
        )
    }

    private static let stream =
        "+OK\r\n-ERR no\r\n:-42\r\n$3\r\n\0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*3\r\n:1\r\n*1\r\n$1\r\nx\r\n$-1\r\n$0\r\n\r\n"

    private static let replies: [RedisReply] = [
        .simpleString("OK"), .error("ERR no"), .integer(-42), .bulk(ByteBuffer(bytes: [0, 13, 10])), .null, .null,
        .array([]), .array([.integer(1), .array([.bulk(ByteBuffer(string: "x"))]), .null]), .bulk(ByteBuffer()),
    ]

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `replies are read whatever the portions`(portion: Int) throws {
        let reader = try ReplyReader(maxReplyBytes: 1000)
        var replies: [RedisReply] = []
        var rest = ByteBuffer(string: Self.stream)
        while rest.readableBytes > 0 {
            let part = rest.readSlice(length: min(portion, rest.readableBytes)) ?? ByteBuffer()
            try reader.read(part, into: &replies) { try RedisReply($0) }
        }
        #expect(replies == Self.replies)
    }

    @Test func `a long reply is read whole`() throws {
        let payload = [UInt8]((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
        var bytes = ByteBuffer(string: "$200000\r\n")
        bytes.writeBytes(payload)
        bytes.writeString("\r\n:1\r\n")
        let reader = try ReplyReader(maxReplyBytes: 1 << 20)
        var replies: [RedisReply] = []
        try reader.read(bytes, into: &replies) { try RedisReply($0) }
        #expect(replies == [.bulk(ByteBuffer(bytes: payload)), .integer(1)])
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\n\r\n", "\0\0\0\0", "*1\r\n?\r\n"])
    func `garbage is malformed`(text: String) throws {
        let reader = try ReplyReader(maxReplyBytes: 1000)
        var replies: [RedisReply] = []
        #expect {
            try reader.read(ByteBuffer(string: text), into: &replies) { try RedisReply($0) }
        } throws: { error in
            if case RedisError.malformedReply = error { true } else { false }
        }
    }

    @Test func `a reply without end is malformed at its bound`() throws {
        let reader = try ReplyReader(maxReplyBytes: 1000)
        var replies: [RedisReply] = []
        try reader.read(ByteBuffer(string: "$99999999\r\n"), into: &replies) { try RedisReply($0) }
        #expect(throws: RedisError.malformedReply("more than 1000 bytes")) {
            try reader.read(ByteBuffer(repeating: 120, count: 1000), into: &replies) { try RedisReply($0) }
        }
    }

    @Test func `pushes are read`() throws {
        let text =
            "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\n\0b\r\n"
            + "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n+PONG\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n-NOPERM no\r\n"
        let reader = try ReplyReader(maxReplyBytes: 1000)
        var pushes: [RedisPush] = []
        try reader.read(ByteBuffer(string: text), into: &pushes) { try RedisPush($0) }
        let message = RedisMessage(channel: "a", payload: ByteBuffer(bytes: [0, 98]))
        #expect(
            pushes == [.subscribed("a"), .message(message), .unsubscribed("a"), .pong, .pong, .error("NOPERM no")]
        )
    }

    @Test(arguments: [
        ":1\r\n", "+OK\r\n", "*0\r\n", "*1\r\n:1\r\n", "*2\r\n$7\r\nmessage\r\n$1\r\na\r\n",
        "*3\r\n$9\r\nsubscribe\r\n$-1\r\n:0\r\n", "*3\r\n$8\r\npmessage\r\n$1\r\na\r\n$1\r\nb\r\n",
    ])
    func `what is no push is malformed`(text: String) throws {
        let reader = try ReplyReader(maxReplyBytes: 1000)
        var pushes: [RedisPush] = []
        #expect(throws: RedisError.self) {
            try reader.read(ByteBuffer(string: text), into: &pushes) { try RedisPush($0) }
        }
    }
}
