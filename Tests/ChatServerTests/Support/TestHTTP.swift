import Foundation
import NIOCore

/// What a server answered.
struct HTTPReply: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: ByteBuffer

    var text: String { String(buffer: body) }

    /// The body as JSON; `.null` if it is none.
    var json: JSON { (try? JSON(text: body.readableBytesView)) ?? .null }
}

/// A kept-alive HTTP/1.1 connection that speaks JSON.
struct TestHTTP: Sendable {
    let socket: TestSocket

    static func connect(port: Int) async throws -> TestHTTP {
        TestHTTP(socket: try await TestSocket.connect(port: port))
    }

    func request(
        _ method: String,
        _ path: String,
        token: String? = nil,
        body: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> HTTPReply {
        send(method, path, token: token, body: body, headers: headers)
        return try await reply(hasBody: method != "HEAD")
    }

    func send(
        _ method: String,
        _ path: String,
        token: String? = nil,
        body: String? = nil,
        headers: [String: String] = [:]
    ) {
        var head = "\(method) \(path) HTTP/1.1\r\nhost: test\r\n"
        if let token { head += "authorization: Bearer \(token)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "content-length: \(body.utf8.count)\r\n" }
        socket.send(head + "\r\n" + (body ?? ""))
    }

    func reply(hasBody: Bool = true) async throws -> HTTPReply {
        try await socket.read("an HTTP answer") { try Self.parse(&$0, hasBody: hasBody) }
    }

    /// Reads one answer from the start of the bytes; nil if it has not come whole.
    static func parse(_ bytes: inout ByteBuffer, hasBody: Bool) throws -> HTTPReply? {
        let text = Array(bytes.readableBytesView.prefix(16_384))
        guard let end = text.indices.dropLast(3).first(where: { Array(text[$0..<$0 + 4]) == [13, 10, 13, 10] }) else {
            return nil
        }
        let lines = String(decoding: text[..<end], as: UTF8.self).split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { continue }
            headers[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces)
        }
        let length = hasBody ? headers["content-length"].flatMap { Int($0) } ?? 0 : 0
        guard bytes.readableBytes >= end + 4 + length else { return nil }
        bytes.moveReaderIndex(forwardBy: end + 4)
        return HTTPReply(status: status, headers: headers, body: bytes.readSlice(length: length) ?? ByteBuffer())
    }
}
