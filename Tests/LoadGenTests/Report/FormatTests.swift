import Foundation
import Testing

@testable import LoadGen

@Suite struct FormatTests {
    @Test(arguments: [
        (0, "0 ns"), (1, "1 ns"), (999, "999 ns"), (1_000, "1.00 µs"), (9_994, "9.99 µs"), (9_996, "10.0 µs"),
        (99_960, "100 µs"), (999_499, "999 µs"), (999_600, "1.00 ms"), (1_234_567, "1.23 ms"), (45_600_000, "45.6 ms"),
        (999_600_000, "1.00 s"), (59_400_000_000, "59.4 s"), (59_600_000_000, "1m 00s"), (125_000_000_000, "2m 05s"),
        (3_720_000_000_000, "1h 02m"), (-1, "-1 ns"), (-999_600, "-1.00 ms"), (-125_000_000_000, "-2m 05s"),
        (Int64.max, "2562047h 47m"), (Int64.min, "-2562047h 47m"),
    ])
    func duration(nanoseconds: Int64, text: String) {
        #expect(Format.duration(nanoseconds) == text)
    }

    @Test(arguments: [(0, "0 ns"), (0.0005, "500 µs"), (20, "20.0 s"), (Double.nan, "–"), (Double.infinity, "–")])
    func seconds(seconds: Double, text: String) {
        #expect(Format.seconds(seconds) == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567"), (-1_000, "-1,000"),
        (-999, "-999"), (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func count(value: Int, text: String) {
        #expect(Format.count(value) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1_000, "1.00 KB"), (5_300, "5.30 KB"), (999_600, "1.00 MB"),
        (45_200_000, "45.2 MB"), (8_000_000_000, "8.00 GB"), (-5_300, "-5.30 KB"),
    ])
    func bytes(value: Int, text: String) {
        #expect(Format.bytes(value) == text)
    }

    @Test(arguments: [
        (0, "0/s"), (0.5, "0.50/s"), (12.34, "12.3/s"), (99.96, "100/s"), (500, "500/s"), (12_345.6, "12,346/s"),
        (-2.5, "-2.50/s"), (Double.nan, "–"), (Double.infinity, "–"),
    ])
    func rate(perSecond: Double, text: String) {
        #expect(Format.rate(perSecond) == text)
    }

    @Test(arguments: [
        (0, "0%"), (0.0001, "<0.1%"), (0.001, "0.1%"), (0.125, "12.5%"), (0.5, "50%"), (0.9999, ">99.9%"), (1, "100%"),
        (1.5, "150%"), (-0.125, "-12.5%"), (Double.nan, "–"),
    ])
    func percent(share: Double, text: String) {
        #expect(Format.percent(share) == text)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z", "19700101T000000Z"),
        (1_795_563_000.25, "2026-11-24T23:30:00.250000Z", "20261124T233000Z"),
        (951_782_399.999_999_9, "2000-02-29T00:00:00.000000Z", "20000229T000000Z"),
        (-0.5, "1969-12-31T23:59:59.500000Z", "19691231T235959Z"),
    ])
    func time(seconds: Double, long: String, compact: String) {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(Format.timestamp(date) == long)
        #expect(Format.compactTimestamp(date) == compact)
    }

    @Test func controlCharactersAreShownAsQuestionMarks() {
        #expect(Format.printable("a\u{1B}[31mb\n\u{202E}c ü") == "a?[31mb??c ü")
    }

    @Test func textFits() {
        #expect(Format.truncated("abcdef", to: 4) == "abc…")
        #expect(Format.truncated("abcd", to: 4) == "abcd")
        #expect(Format.truncated("abcd", to: 0).isEmpty)
        #expect(Format.wrapped("aa bb  cc dddddddd", to: 5) == ["aa bb", "cc", "dddddddd"])
        #expect(Format.wrapped("", to: 5).isEmpty)
    }
}
