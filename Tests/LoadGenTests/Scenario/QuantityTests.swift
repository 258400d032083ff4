import Testing

@testable import LoadGen

@Suite struct QuantityTests {
    @Test(arguments: [
        ("20s", Duration.seconds(20)), ("500ms", .milliseconds(500)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
        ("1m30s", .seconds(90)), ("1.5s", .milliseconds(1500)), ("250us", .microseconds(250)), ("7ns", .nanoseconds(7)),
        ("0s", .zero), ("1_000ms", .seconds(1)),
    ])
    func readsDurations(text: String, duration: Duration) throws {
        #expect(try Quantity.duration(text) == duration)
    }

    @Test(arguments: [
        ("20", "'20' has no unit; write 20s for seconds or 20ms for milliseconds"),
        ("20d", "'20d' has the unknown unit 'd'; write a number with its unit, such as 20s, 500ms, 2m or 1h"),
        ("", "'' is not a duration; write a number with its unit, such as 20s, 500ms, 2m or 1h"),
        ("-1s", "'-1s' is not a duration; write a number with its unit, such as 20s, 500ms, 2m or 1h"),
        ("1m 30s", "'1m 30s' is not a duration; write a number with its unit, such as 20s, 500ms, 2m or 1h"),
        ("9999999999h", "'9999999999h' is too long; write a number with its unit, such as 20s, 500ms, 2m or 1h"),
    ])
    func refusesDurations(text: String, error: String) {
        let thrown = #expect(throws: QuantityError.self) { try Quantity.duration(text) }
        #expect(thrown.map { "\($0.message); \($0.hint)" } == error)
    }

    @Test(arguments: [("500/s", 500.0), ("30/m", 0.5), ("3600/h", 1), ("7", 7), ("0", 0), ("1e-05/s", 1e-05)])
    func readsRates(text: String, rate: Double) throws {
        #expect(try Quantity.rate(text) == rate)
    }

    @Test(arguments: ["", "fast", "-5/s", "5/d", "5 /s", "5/", "nan", "inf/s"])
    func refusesRates(text: String) {
        #expect(throws: QuantityError.self) { try Quantity.rate(text) }
    }

    @Test(arguments: [("50%", 0.5), ("0.5", 0.5), ("1%", 0.01), ("100%", 1), ("1", 1), ("0", 0)])
    func readsShares(text: String, share: Double) throws {
        #expect(try Quantity.share(text) == share)
    }

    @Test(arguments: [
        ("5", "a bare number goes from 0 to 1; for percent write 5%"), ("101%", "100% is the most"),
        ("half", "write a share such as 1% or 0.01"), ("-1%", "write a share such as 1% or 0.01"),
    ])
    func refusesShares(text: String, hint: String) {
        #expect(throws: QuantityError.self) { try Quantity.share(text) }
        #expect((#expect(throws: QuantityError.self) { try Quantity.share(text) })?.hint == hint)
    }

    @Test(arguments: [("120", 120), ("120B", 120), ("4KB", 4000), ("4KiB", 4096), ("1.5KB", 1500), ("1MB", 1_000_000)])
    func readsSizes(text: String, bytes: Int) throws {
        #expect(try Quantity.bytes(text) == bytes)
    }

    @Test(arguments: ["", "4kb", "4 KB", "0.5", "big", "-1", "1e300KB"])
    func refusesSizes(text: String) {
        #expect(throws: QuantityError.self) { try Quantity.bytes(text) }
    }

    @Test(arguments: [
        (Duration.seconds(20), "20s"), (.milliseconds(1500), "1500ms"), (.seconds(90), "90s"), (.seconds(120), "2m"),
        (.seconds(7200), "2h"), (.zero, "0s"), (.nanoseconds(1_000_000_001), "1000000001ns"),
    ])
    func writesDurations(duration: Duration, text: String) throws {
        #expect(Quantity.text(duration) == text)
        #expect(try Quantity.duration(text) == duration)
    }

    @Test(arguments: [500.0, 0, 0.5, 1.0 / 3, 1e-07, 123_456.789])
    func writesRatesThatReadBack(rate: Double) throws {
        #expect(try Quantity.rate(Quantity.text(rate: rate)) == rate)
    }
}

@Suite struct NearNameTests {
    @Test(arguments: [
        ("rate", "rate", 0), ("ratee", "rate", 1), ("raet", "rate", 1), ("", "abc", 3), ("kitten", "sitting", 3),
    ])
    func distances(first: String, second: String, distance: Int) {
        #expect(NearName.distance(first, second) == distance)
        #expect(NearName.distance(second, first) == distance)
    }

    @Test func theNearestComesFirst() {
        let candidates = ["duration", "rate", "measure", "rates"]
        #expect(NearName.all(to: "ratee", among: candidates) == ["rate", "rates"])
        #expect(NearName.all(to: "Duratoin", among: candidates) == ["duration"])
        #expect(NearName.all(to: "xyz", among: candidates).isEmpty)
    }
}
