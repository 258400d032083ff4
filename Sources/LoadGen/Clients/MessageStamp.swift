import ChatProtocol
import NIOCore

/// What a load message carries in its `content`, so that any receiver can verify and time it against any server:
/// `cb1.<run>.<sender>.<instance>.<n>.<planned>.<sent>.` and filler. Fixed width: reading it is a few loads.
struct MessageStamp: Equatable, Sendable {
    /// Which run: another run's messages are not ours.
    var run: UInt32
    /// The sending client's number.
    var sender: Int
    /// The number that the run gave to the instance the sender is connected to.
    var instance: Int
    /// The message's number in the schedule.
    var n: Int
    /// When it was due and when it was sent, nanoseconds since the Unix epoch.
    var planned: Int64
    var sent: Int64

    /// Bytes of the stamp; the content has at least as many.
    static let length = 76

    /// Appends the stamp and filler up to `payloadBytes`. Plain ASCII with nothing to escape.
    func write(into buffer: inout ByteBuffer, payloadBytes: Int) {
        let total = max(payloadBytes, Self.length)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: total) { out in
            out.copyBytes(from: "cb1.".utf8)
            Self.put(UInt64(run), digits: 8, base: 16, at: 4, out)
            Self.put(UInt64(sender), digits: 7, base: 10, at: 13, out)
            Self.put(UInt64(instance), digits: 3, base: 10, at: 21, out)
            Self.put(UInt64(n), digits: 10, base: 10, at: 25, out)
            Self.put(UInt64(planned), digits: 19, base: 10, at: 36, out)
            Self.put(UInt64(sent), digits: 19, base: 10, at: 56, out)
            out[12] = 0x2E
            out[20] = 0x2E
            out[24] = 0x2E
            out[35] = 0x2E
            out[55] = 0x2E
            out[75] = 0x2E
            for index in Self.length..<total { out[index] = UInt8(truncatingIfNeeded: 0x61 + index % 26) }
            return total
        }
    }

    /// Reads a stamp; nil if the content does not begin with one.
    init?(_ content: UnsafeRawBufferPointer) {
        guard content.count >= Self.length, content.loadUnaligned(as: UInt32.self) == Self.magic,
            content[12] == 0x2E, content[20] == 0x2E, content[24] == 0x2E, content[35] == 0x2E,
            content[55] == 0x2E, content[75] == 0x2E,
            let run = Self.get(content, 4, 8, base: 16), let sender = Self.get(content, 13, 7, base: 10),
            let instance = Self.get(content, 21, 3, base: 10), let n = Self.get(content, 25, 10, base: 10),
            let planned = Self.get(content, 36, 19, base: 10), let sent = Self.get(content, 56, 19, base: 10)
        else { return nil }
        self.init(
            run: UInt32(run),
            sender: Int(sender),
            instance: Int(instance),
            n: Int(n),
            planned: Int64(planned),
            sent: Int64(sent)
        )
    }

    init(run: UInt32, sender: Int, instance: Int, n: Int, planned: Int64, sent: Int64) {
        self.run = run
        self.sender = sender
        self.instance = instance
        self.n = n
        self.planned = planned
        self.sent = sent
    }

    /// `cb1.` as it lies in memory.
    private static let magic = UInt32(littleEndian: 0x2E31_6263)

    private static func put(
        _ value: UInt64, digits: Int, base: UInt64, at start: Int, _ out: UnsafeMutableRawBufferPointer
    ) {
        var rest = value
        for index in stride(from: start + digits - 1, through: start, by: -1) {
            let digit = UInt8(truncatingIfNeeded: rest % base)
            out[index] = digit < 10 ? 0x30 + digit : 0x57 + digit
            rest /= base
        }
    }

    private static func get(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int, base: UInt64) -> UInt64? {
        var value: UInt64 = 0
        for index in start..<start + count {
            let byte = bytes[index]
            var digit = UInt64(byte &- 0x30)
            if digit > 9 {
                digit = UInt64(byte &- 0x57)
                guard digit >= 10, digit < base else { return nil }
            }
            value = value &* base &+ digit
        }
        return value <= UInt64(Int64.max) ? value : nil
    }
}

/// `client_msg_id` of a load message: the run and the number, so that an ack leads back to its send.
enum MessageKey {
    /// `cb1-<run>-<n>`
    static func text(run: UInt32, n: Int) -> String { "cb1-\(run)-\(n)" }

    static func number(_ bytes: UnsafeRawBufferPointer, run: UInt32) -> Int? {
        let prefix = "cb1-\(run)-"
        guard bytes.count > prefix.utf8.count, bytes.starts(with: prefix.utf8) else { return nil }
        var n = 0
        for byte in bytes.dropFirst(prefix.utf8.count) {
            guard byte >= 0x30, byte <= 0x39, n < 1_000_000_000_000 else { return nil }
            n = n * 10 + Int(byte - 0x30)
        }
        return n
    }
}
