import CEpoll
import ChatProtocol
import Foundation
import NIOCore

/// One WebSocket client that blocks: for the opening, one client after the other.
struct ClientSocket {
    /// From loopback addresses in turn: one alone has few ports, and finds a free one slowly.
    private static let sources: Int32 = 8
    private static let bindAddressNoPort: Int32 = 24

    let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects, and gets through the opening handshake.
    init(port: Int, path: String, number: Int) throws {
        descriptor = try Self.connect(port: port, number: number)
        try write(Self.upgrade(port: port, path: path))
        while true {
            if let end = received.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                received.removeFirst(end.upperBound)
                guard head.hasPrefix("HTTP/1.1 101 ") else { throw Failure("refused: \(head.prefix(60))") }
                return
            }
            try read()
        }
    }

    /// Writes all of it.
    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                return send(descriptor, rest.baseAddress, rest.count, Self.noSignal)
            }
            guard count > 0 else { throw Failure("cannot write: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Reads frames until an event of that name has come.
    mutating func wait(for event: String) throws {
        let wanted = Array(#"{"event":"\#(event)""#.utf8)
        let refused = Array(#"{"event":"error""#.utf8)
        while true {
            let head = try received.withUnsafeBytes { bytes throws(WebSocketViolation) in
                try WebSocketFrameHead.read(bytes, role: .client, maxPayload: 1 << 24)
            }
            guard let head, received.count >= head.totalLength else {
                try read()
                continue
            }
            let payload = received[head.headLength..<head.totalLength]
            defer { received.removeFirst(head.totalLength) }
            if payload.starts(with: wanted) { return }
            if payload.starts(with: refused) || head.opcode == .close {
                throw Failure("refused: \(String(decoding: payload, as: UTF8.self).prefix(200))")
            }
        }
    }

    /// What was read beyond the last event that was waited for; the descriptor is the caller's from here on.
    func leave() -> (descriptor: Int32, rest: [UInt8]) { (descriptor, received) }

    private mutating func read() throws {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else {
            throw Failure(count == 0 ? "closed by the server" : "cannot read: \(String(cString: strerror(errno)))")
        }
        received.append(contentsOf: buffer[..<count])
    }

    /// The opening request. The key guards against caches; here the RFC's own example does.
    static func upgrade(port: Int, path: String) -> [UInt8] {
        let request = """
            GET \(path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r

            """
        return Array(request.utf8)
    }

    static let noSignal = Int32(MSG_NOSIGNAL)

    /// A connected socket, with timeouts of ten seconds while it blocks.
    static func connect(port: Int, number: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("no socket: \(String(cString: strerror(errno)))") }
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
        setsockopt(descriptor, Int32(IPPROTO_IP), bindAddressNoPort, &one, size)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        var source = loopback(port: 0, last: 1 + Int32(number) % sources)
        var target = loopback(port: port, last: 1)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &source) { source in
            source.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        let connected = withUnsafePointer(to: &target) { target in
            target.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
        guard result == 0, connected == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw Failure("cannot connect to port \(port): \(reason)")
        }
        return descriptor
    }

    private static func loopback(port: Int, last: Int32) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(bitPattern: 127 << 24 | last).bigEndian
        return address
    }
}
