import NIOCore
import Testing

@testable import LoadGen

@Suite struct UpgradeRequestTests {
    private static let accepted =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    @Test func acceptsAndLeavesTheFirstFrame() {
        var buffer = ByteBuffer(string: Self.accepted)
        buffer.writeBytes([0x81, 0x02, 0x7B, 0x7D])
        #expect(answer(&buffer) == .accepted)
        #expect(Array(buffer.readableBytesView) == [0x81, 0x02, 0x7B, 0x7D])
    }

    @Test func waitsForTheWholeAnswerHoweverItIsSplit() {
        let bytes = Array(Self.accepted.utf8)
        for split in 0..<bytes.count {
            var buffer = ByteBuffer(bytes: bytes[..<split])
            #expect(answer(&buffer) == .incomplete, "split at \(split)")
            #expect(buffer.readableBytes == split, "nothing is taken from half an answer")
            buffer.writeBytes(bytes[split...])
            #expect(answer(&buffer) == .accepted, "split at \(split)")
            #expect(buffer.readableBytes == 0)
        }
    }

    @Test(arguments: ["sec-websocket-accept:", "SEC-WEBSOCKET-ACCEPT:   ", "Sec-WebSocket-Accept: "])
    func headerNamesHaveNoCase(field: String) {
        var buffer = ByteBuffer(string: Self.accepted.replacing("Sec-WebSocket-Accept: ", with: field))
        #expect(answer(&buffer) == .accepted)
    }

    @Test func refusesAnAnswerToAnotherKey() {
        var buffer = ByteBuffer(string: Self.accepted.replacing("s3pP", with: "S3PP"))
        #expect(answer(&buffer) == .refused("101 with a wrong Sec-WebSocket-Accept"))
        buffer = ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
        #expect(answer(&buffer) == .refused("101 with a wrong Sec-WebSocket-Accept"))
    }

    @Test(arguments: [
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "401"),
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n", "503"),
        ("HTTP/1.1 200 OK\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", "200"),
        ("nonsense\r\n\r\n", "?"),
    ])
    func refusesEveryOtherStatus(text: String, reason: String) {
        var buffer = ByteBuffer(string: text)
        #expect(answer(&buffer) == .refused(reason))
    }

    @Test func doesNotWaitForeverForAnAnswersEnd() {
        var buffer = ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\nX: ")
        buffer.writeRepeatingByte(0x61, count: 20_000)
        #expect(answer(&buffer) == .refused("too long an answer"))
    }

    @Test func keepsTheCookiesOfEveryAnswer() {
        var cookies = CookieJar()
        var buffer = ByteBuffer(string: "HTTP/1.1 503 Busy\r\nSET-COOKIE: chatbench=a; Path=/; HttpOnly\r\n\r\n")
        #expect(UpgradeRequest.answer(&buffer, cookies: &cookies) == .refused("503"))
        #expect(cookies.header == "chatbench=a")
        buffer = ByteBuffer(string: Self.accepted.replacing("Upgrade: websocket", with: "Set-Cookie: chatbench=b"))
        #expect(UpgradeRequest.answer(&buffer, cookies: &cookies) == .accepted)
        #expect(cookies.header == "chatbench=b")
    }

    private func answer(_ buffer: inout ByteBuffer) -> UpgradeRequest.Answer {
        var cookies = CookieJar()
        return UpgradeRequest.answer(&buffer, cookies: &cookies)
    }
}
