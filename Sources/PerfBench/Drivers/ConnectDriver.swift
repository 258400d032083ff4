import CEpoll
import Foundation

/// Opens many connections, some hundred at a time, and says how long that took. They close when it goes.
final class ConnectDriver {
    /// Connections that are on their way at a time.
    private static let concurrency = 256

    private var descriptors: [Int32] = []
    private var answers: [[UInt8]] = []
    private let epoll = epoll_create1(0)

    deinit {
        for descriptor in descriptors { close(descriptor) }
        close(epoll)
    }

    /// - Parameters:
    ///   - ports: connection n goes to port n modulo their number.
    ///   - tokens: shown to a ChatServer, which answers `ready`; empty: the end of the upgrade is the end.
    /// - Returns: seconds from the first until the last was through.
    /// - Throws: ``Failure`` if one was refused.
    func open(_ count: Int, ports: [Int], tokens: [String], path: String) throws -> Double {
        let start = monotonicNanoseconds()
        let wanted = Array((tokens.isEmpty ? "\r\n\r\n" : #"{"event":"ready""#).utf8)
        var through = 0
        var events = [epoll_event](repeating: epoll_event(), count: Self.concurrency)
        var buffer = [UInt8](repeating: 0, count: 8192)
        while through < count {
            guard monotonicNanoseconds() - start < 60_000_000_000 else {
                throw Failure("\(through) of \(count) connections were through after 60 s")
            }
            while descriptors.count < count, descriptors.count - through < Self.concurrency {
                try begin(port: ports[descriptors.count % ports.count], tokens: tokens, path: path)
            }
            let ready = epoll_wait(epoll, &events, Int32(events.count), 100)
            for event in events.prefix(Int(max(0, ready))) {
                let index = Int(event.data.u32)
                let length = recv(descriptors[index], &buffer, buffer.count, Int32(MSG_DONTWAIT))
                guard length > 0 else { throw Failure("connection \(index) was refused: it was closed") }
                answers[index].append(contentsOf: buffer[..<length])
                guard answers[index].starts(with: Array("HTTP/1.1 101".utf8)) else {
                    throw Failure(
                        "connection \(index) was refused: \(String(decoding: answers[index].prefix(40), as: UTF8.self))"
                    )
                }
                guard answers[index].firstRange(of: wanted) != nil else { continue }
                answers[index] = []
                // It stays open, and nobody listens any more.
                epoll_ctl(epoll, EPOLL_CTL_DEL, descriptors[index], nil)
                through += 1
            }
        }
        return Double(monotonicNanoseconds() - start) / 1e9
    }

    private func begin(port: Int, tokens: [String], path: String) throws {
        let number = descriptors.count
        // On loopback the kernel shakes hands by itself, at once.
        let descriptor = try ClientSocket.connect(port: port, number: number)
        descriptors.append(descriptor)
        answers.append([])
        let path = tokens.isEmpty ? path : "\(path)?token=\(tokens[number % tokens.count])"
        let request = ClientSocket.upgrade(port: port, path: path)
        let sent = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, ClientSocket.noSignal) }
        guard sent == request.count else { throw Failure("connection \(number) was refused: it takes no request") }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u32 = UInt32(number)
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw Failure("epoll refuses a socket") }
    }
}
