import Foundation

/// How a part is asked whether it is ready.
enum Probe: String, Sendable, Codable {
    /// A session's first message, which is answered with a request to authenticate (PostgreSQL protocol 3.0).
    case postgres
    case redis
    /// `GET /health/ready` answers 200. Through a balancer: it has an instance to send to.
    case http

    var question: [UInt8] {
        switch self {
        case .postgres:
            let parameters = "user\0chat\0database\0postgres\0\0"
            let length = UInt32(8 + parameters.utf8.count)
            return Self.bytes(length) + Self.bytes(196_608) + Array(parameters.utf8)
        case .redis: return Array("PING\r\n".utf8)
        case .http:
            return Array("GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        }
    }

    /// How the answer of one that is ready begins.
    var readyAnswer: [UInt8] {
        switch self {
        case .postgres: Array("R".utf8)
        case .redis: Array("+PONG".utf8)
        case .http: Array("HTTP/1.1 200".utf8)
        }
    }

    func isReady(port: Int, timeout: Duration = .milliseconds(500)) async -> Bool {
        let expected = readyAnswer
        let answer = await LoopbackSocket.exchange(question, port: port, atLeast: expected.count, timeout: timeout)
        return answer?.starts(with: expected) == true
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
