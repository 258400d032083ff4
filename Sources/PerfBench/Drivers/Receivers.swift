import CEpoll
import ChatProtocol
import Foundation
import NIOCore

/// The clients of a room on one thread: an epoll instance, one big buffer that every read goes into, and a counter for
/// each socket.
final class Receivers {
    private(set) var counters: [FrameCounter] = []
    private var descriptors: [Int32] = []
    /// Messages that have arrived, at all of them together.
    private(set) var deliveries = 0
    /// Told of each read that brought messages: the socket, and how many messages it had before it and has now.
    var onMessages: ((_ socket: Int, _ before: Int, _ after: Int) -> Void)?
    /// Never sleeps: then no server pays for waking these clients up.
    var isSpinning = false
    private let epoll = epoll_create1(0)
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 1024)
    private let pong: [UInt8]

    init() {
        var frame = ByteBuffer()
        frame.writeFrame(.pong, payload: ByteBuffer(), maskingKey: 0x5A5A_5A5A)
        pong = Array(frame.readableBytesView)
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
        close(epoll)
        buffer.deallocate()
        events.deallocate()
    }

    /// Takes over a socket, and what was read from it.
    func add(_ descriptor: Int32, rest: [UInt8]) throws {
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u32 = UInt32(descriptors.count)
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw Failure("epoll refuses a socket") }
        var counter = FrameCounter()
        rest.withUnsafeBytes { counter.feed($0) }
        deliveries += counter.messages
        descriptors.append(descriptor)
        counters.append(counter)
    }

    /// Reads what is there.
    /// - Parameter nanoseconds: how long to wait if nothing is; 0: not at all.
    func poll(_ nanoseconds: Int64) throws {
        if nanoseconds > 0, !isSpinning {
            var ready = pollfd(fd: epoll, events: Int16(POLLIN), revents: 0)
            var timeout = timespec(
                tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
            _ = ppoll(&ready, 1, &timeout, nil)
        }
        let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), 0)
        guard count > 0 else { return }
        for event in events[..<Int(count)] {
            let index = Int(event.data.u32)
            let length = recv(descriptors[index], buffer.baseAddress, buffer.count, 0)
            guard length > 0 else {
                if length < 0, errno == EAGAIN || errno == EINTR { continue }
                throw Failure("the server ended connection \(index)")
            }
            let before = counters[index].messages
            counters[index].feed(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
            let after = counters[index].messages
            deliveries += after - before
            if after > before { onMessages?(index, before, after) }
            guard counters[index].pings > 0 || counters[index].isClosed else { continue }
            guard !counters[index].isClosed else { throw Failure("the server closed connection \(index)") }
            for _ in 0..<counters[index].pings { try send(pong, on: index) }
            counters[index].pings = 0
        }
    }

    func send(_ bytes: [UInt8], on index: Int) throws {
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptors[index], $0.baseAddress, $0.count, ClientSocket.noSignal)
        }
        // A few hundred bytes at a time fit, unless the server has stopped reading.
        guard count == bytes.count else { throw Failure("the server does not read connection \(index)") }
    }

    /// Reads until nothing has come for a while.
    func settle(quiet: Double, timeout: Double) throws {
        let start = monotonicNanoseconds()
        var seen = -1
        while seen != total {
            guard Double(monotonicNanoseconds() - start) < timeout * 1e9 else { throw Failure("the room stays loud") }
            seen = total
            let end = monotonicNanoseconds() + Int64(quiet * 1e9)
            while monotonicNanoseconds() < end { try poll(1_000_000) }
        }
    }

    var errors: Int { counters.reduce(0) { $0 + $1.errors } }

    private var total: Int { counters.reduce(0) { $0 + $1.messages + $1.others + $1.errors } }
}

func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
