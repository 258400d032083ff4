import ChatProtocol
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"), (1_795_478_517_663_952, "2026-11-24T00:01:57.663952Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ])
    func textAndValue(_ microseconds: Int64, _ text: String) {
        #expect(Timestamp(microseconds: microseconds).text == text)
        #expect(Timestamp(text: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        ("2026-11-24T00:01:57Z", 0), ("2026-11-24T00:01:57.5Z", 500_000), ("2026-11-24T00:01:57.123456789Z", 123_456),
    ])
    func takesAnyNumberOfDecimals(_ text: String, _ fraction: Int64) {
        #expect(Timestamp(text: text)?.microseconds == 1_795_478_517_000_000 + fraction)
    }

    @Test(arguments: [
        "", "2026-11-24", "2026-13-24T00:01:57Z", "2026-11-24T25:01:57Z", "2026-11-24T00:01:57",
        "2026-11-24T00:01:57.Z",
    ])
    func refuses(_ text: String) {
        #expect(Timestamp(text: text) == nil)
    }

    @Test func survivesTheRoundTrip() {
        for _ in 0..<2000 {
            let timestamp = Timestamp(microseconds: Int64.random(in: -62_000_000_000_000_000...253_402_300_799_999_999))
            #expect(Timestamp(text: timestamp.text) == timestamp)
        }
    }
}
