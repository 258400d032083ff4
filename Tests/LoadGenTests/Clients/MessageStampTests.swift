import NIOCore
import Testing

@testable import LoadGen

@Suite struct MessageStampTests {
    private static let stamp = MessageStamp(
        run: 0xDEAD_BEEF,
        sender: 1_234_567,
        instance: 42,
        n: 9_876_543_210,
        planned: 1_795_563_000_123_456_789,
        sent: 1_795_563_000_123_987_654
    )

    private static let extremes = [
        stamp,
        MessageStamp(run: 0, sender: 0, instance: 0, n: 0, planned: 0, sent: 0),
        MessageStamp(
            run: .max, sender: 9_999_999, instance: 999, n: 9_999_999_999, planned: .max, sent: .max),
    ]

    private static func content(_ stamp: MessageStamp, payloadBytes: Int) -> [UInt8] {
        var buffer = ByteBuffer()
        stamp.write(into: &buffer, payloadBytes: payloadBytes)
        return Array(buffer.readableBytesView)
    }

    private static func read(_ bytes: some Collection<UInt8>) -> MessageStamp? {
        Array(bytes).withUnsafeBytes { MessageStamp($0) }
    }

    @Test(arguments: extremes, [80, 120, 4000])
    func roundTrip(stamp: MessageStamp, payloadBytes: Int) {
        let content = Self.content(stamp, payloadBytes: payloadBytes)
        #expect(content.count == payloadBytes)
        #expect(Self.read(content) == stamp)
    }

    @Test func goldenBytes() {
        let text = String(decoding: Self.content(Self.stamp, payloadBytes: 80), as: UTF8.self)
        #expect(text == "cb1.deadbeef.1234567.042.9876543210.1795563000123456789.1795563000123987654.yzab")
    }

    /// It goes into a JSON string as it is.
    @Test func needsNoEscape() {
        let content = Self.content(Self.stamp, payloadBytes: 4000)
        #expect(content.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C })
    }

    @Test func aPayloadThatIsTooShortIsAsLongAsTheStamp() {
        let content = Self.content(Self.stamp, payloadBytes: 1)
        #expect(content.count == MessageStamp.length)
        #expect(Self.read(content) == Self.stamp)
    }

    @Test func tooShortIsNone() {
        let content = Self.content(Self.stamp, payloadBytes: 80)
        for count in 0..<MessageStamp.length { #expect(Self.read(content[..<count]) == nil) }
        #expect(Self.read([]) == nil)
    }

    /// No single wrong byte goes unnoticed: what is read is either nothing, or something else.
    @Test func everyCorruptedByteShows() {
        let content = Self.content(Self.stamp, payloadBytes: 120)
        for place in 0..<MessageStamp.length {
            for value in UInt8.min...UInt8.max where value != content[place] {
                var corrupted = content
                corrupted[place] = value
                #expect(Self.read(corrupted) != Self.stamp, "byte \(place) as \(value)")
            }
        }
    }

    @Test func anInstantBeyond64BitsIsNone() {
        var content = Self.content(Self.stamp, payloadBytes: 80)
        content.replaceSubrange(36..<55, with: "9223372036854775808".utf8)
        #expect(Self.read(content) == nil)
    }

    @Test func isReadAtAnyAddress() {
        let content = [0x20] + Self.content(Self.stamp, payloadBytes: 80)
        let stamp = content.withUnsafeBytes { MessageStamp(UnsafeRawBufferPointer(rebasing: $0[1...])) }
        #expect(stamp == Self.stamp)
    }
}

@Suite struct MessageKeyTests {
    private static func number(_ text: String, run: UInt32) -> Int? {
        Array(text.utf8).withUnsafeBytes { MessageKey.number($0, run: run) }
    }

    @Test(arguments: [0, 7, 12_345, 9_999_999_999], [0, 1, UInt32.max])
    func roundTrip(n: Int, run: UInt32) {
        let text = MessageKey.text(run: run, n: n)
        #expect(text.utf8.count <= 64)
        #expect(Self.number(text, run: run) == n)
    }

    @Test(arguments: [
        "", "cb1", "cb1-", "cb1-1", "cb1-1-", "cb1-12-3", "cb1-2-3", "cb2-1-3", "CB1-1-3", "cb1-1-3 ", "cb1-1- 3",
        "cb1-1--3", "cb1-1-+3", "cb1-1-0x3", "cb1-1-٣", "cb1-1-99999999999999999999999999999999", "xcb1-1-3",
    ])
    func othersAreNone(text: String) {
        #expect(Self.number(text, run: 1) == nil)
    }
}
