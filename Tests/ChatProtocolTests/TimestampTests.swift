import ChatProtocol
import Foundation
import Testing

struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (-1_000_000, "1969-12-31T23:59:59.000000Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (951_868_799_999_999, "2000-02-29T23:59:59.999999Z"),
        (1_709_210_096_000_007, "2024-02-29T12:34:56.000007Z"),
        (1_763_939_673_123_456, "2025-11-23T23:14:33.123456Z"),
        (-2_203_891_200_000_000, "1900-03-01T00:00:00.000000Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ])
    func bothWays(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).text == text)
        #expect(Timestamp(text: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        ("Z", 0), (".1Z", 100_000), (".12Z", 120_000), (".123Z", 123_000), (".1234Z", 123_400), (".12345Z", 123_450),
        (".123456Z", 123_456), (".1234567Z", 123_456), (".12345678Z", 123_456), (".123456789Z", 123_456),
        (".999999999Z", 999_999), (".000000999Z", 0), ("z", 0),
    ])
    func decimals(suffix: String, microseconds: Int64) {
        #expect(Timestamp(text: "1970-01-01T00:00:00" + suffix)?.microseconds == microseconds)
        #expect(Timestamp(text: "1970-01-01t00:00:00" + suffix)?.microseconds == microseconds)
    }

    @Test(arguments: [("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z")])
    func leapSecondIsTheNextSecond(text: String, next: String) {
        #expect(Timestamp(text: text)?.text == next)
    }

    @Test(arguments: [
        "", "Z", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00,1Z", "2026-01-01 00:00:00Z", "2026/01/01T00:00:00Z",
        "2026-01-01T00-00-00Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z", "2026-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "2026-04-31T00:00:00Z",
        "1900-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z", "-026-01-01T00:00:00Z", "+026-01-01T00:00:00Z", "2026-1-01T00:00:00.0Z",
        "2026-01-01T00:00:00.12a4Z", "2026-01-01T00:00:00.1ZZ", "２026-01-01T00:00:00Z", "2026-01-01T00:00:00.-1Z",
        "2026-01-01T0 :00:00Z",
    ])
    func badTexts(text: String) {
        #expect(Timestamp(text: text) == nil)
    }

    @Test func order() {
        #expect(Timestamp(microseconds: -1) < Timestamp(microseconds: 0))
        #expect(Timestamp(text: "9999-12-31T23:59:59Z").map { $0 > Timestamp(microseconds: 0) } == true)
    }

    /// Far out of the years that have a text, it must still not trap.
    @Test(arguments: [Int64.min, Int64.min + 1, Int64.max, -62_167_219_200_000_001, 253_402_300_800_000_000])
    func extremesDoNotTrap(microseconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).text.utf8.count == 27)
    }

    @Test func randomInstantsComeBack() {
        var random = SplitMix(seed: 4)
        for _ in 0..<50_000 {
            let instant = Timestamp(
                microseconds: Int64.random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &random)
            )
            if Timestamp(text: instant.text) != instant { Issue.record("\(instant.microseconds)") }
        }
    }

    @Test func agreesWithFoundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var random = SplitMix(seed: 5)
        for _ in 0..<3000 {
            // From 1700: before 1582 Foundation's calendar is the Julian one.
            let seconds = Int64.random(in: -8_520_336_000...253_402_300_799, using: &random)
            let micros = Int64.random(in: 0...999_999, using: &random)
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second],
                from: Date(timeIntervalSince1970: Double(seconds))
            )
            let text = String(
                format: "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                parts.year ?? 0,
                parts.month ?? 0,
                parts.day ?? 0,
                parts.hour ?? 0,
                parts.minute ?? 0,
                parts.second ?? 0,
                Int(micros)
            )
            #expect(Timestamp(microseconds: seconds * 1_000_000 + micros).text == text)
        }
    }
}
