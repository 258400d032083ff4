/// Counts what a server sends on one socket, by the heads of its frames and the first letter of the event. It sees
/// whatever a read brings, copies nothing but a head that is cut in two, and looks at no payload.
struct FrameCounter {
    /// `{"event":"message"…`: the first letter of the event's name. No other event begins with `m`.
    private static let letter = 10
    private static let longestPeek = 10 + letter + 1

    private(set) var messages = 0
    /// `error` events.
    private(set) var errors = 0
    private(set) var others = 0
    /// Pings that nobody has answered yet.
    var pings = 0
    private(set) var isClosed = false
    /// Bytes of the present frame that are still to come.
    private var skip = 0
    /// The beginning of a frame, too short to tell what it is.
    private var carry: [UInt8] = []

    mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        if !carry.isEmpty {
            guard let after = feedCarry(bytes) else { return }
            index = after
        }
        if skip > 0 {
            let skipped = min(skip, bytes.count - index)
            skip -= skipped
            index += skipped
        }
        while index < bytes.count {
            guard let length = note(bytes, at: index) else {
                carry = Array(bytes[index...])
                return
            }
            index += length
        }
        skip += index - bytes.count
    }

    /// - Returns: where to go on in the bytes (perhaps beyond them); nil if it is still too short.
    private mutating func feedCarry(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let held = carry.count
        carry.append(contentsOf: bytes.prefix(Self.longestPeek))
        let joined = carry
        guard let length = joined.withUnsafeBytes({ note($0, at: 0) }) else { return nil }
        carry.removeAll(keepingCapacity: true)
        let index = length - held
        guard index > bytes.count else { return index }
        skip = index - bytes.count
        return nil
    }

    /// Counts the frame that begins there.
    /// - Returns: its length; nil if the bytes do not tell what it is.
    @inline(__always)
    private mutating func note(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Int? {
        let left = bytes.count - start
        guard left >= 2 else { return nil }
        let first = bytes[start]
        var head = 2
        var length = Int(bytes[start + 1] & 0x7F)
        if length == 126 {
            guard left >= 4 else { return nil }
            head = 4
            length = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
        } else if length == 127 {
            guard left >= 10 else { return nil }
            head = 10
            length = (2..<10).reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
        }
        guard first == 0x81, length > Self.letter else {
            switch first & 0x0F {
            case 0x8: isClosed = true
            case 0x9: pings += 1
            default: others += 1
            }
            return head + length
        }
        guard left > head + Self.letter else { return nil }
        switch bytes[start + head + Self.letter] {
        case UInt8(ascii: "m"): messages += 1
        case UInt8(ascii: "e"): errors += 1
        default: others += 1
        }
        return head + length
    }
}
