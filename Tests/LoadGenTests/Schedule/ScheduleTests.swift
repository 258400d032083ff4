import Testing

@testable import LoadGen

@Suite struct ScheduleTests {
    private static let second: Int64 = 1_000_000_000

    /// Phases of these lengths and rates, after the one that connects; the second of several is measured.
    private static func schedule(_ phases: [(seconds: Double, rate: Double)]) -> Schedule {
        Schedule(
            phases: [Phase(name: "connect", connectRate: 100)]
                + phases.enumerated().map { index, phase in
                    let measure = index == min(1, phases.count - 1)
                    return Phase(
                        name: "p\(index)", duration: .seconds(phase.seconds), rate: phase.rate, measure: measure)
                })
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var phases: [(seconds: Double, rate: Double)]
        var n: Int
        /// Nil: there is no such message.
        var instant: Int64?

        var testDescription: String { "message \(n) of \(phases)" }
    }

    @Test(arguments: [
        Row(phases: [(1, 1)], n: 0, instant: 0),
        Row(phases: [(1, 1)], n: 1, instant: nil),
        Row(phases: [(1, 1)], n: -1, instant: nil),
        Row(phases: [(10, 100)], n: 999, instant: 9_990_000_000),
        Row(phases: [(10, 100)], n: 1000, instant: nil),
        Row(phases: [(10, 0.5)], n: 4, instant: 8_000_000_000),
        Row(phases: [(10, 0.5)], n: 5, instant: nil),
        Row(phases: [(1, 1_000_000)], n: 999_999, instant: 999_999_000),
        Row(phases: [(0.25, 8)], n: 1, instant: 125_000_000),
        Row(phases: [(0.25, 8)], n: 2, instant: nil),
        Row(phases: [(2, 10), (1, 100)], n: 19, instant: 1_900_000_000),
        Row(phases: [(2, 10), (1, 100)], n: 20, instant: 2_000_000_000),
        Row(phases: [(2, 10), (1, 100)], n: 119, instant: 2_990_000_000),
        Row(phases: [(2, 10), (1, 100)], n: 120, instant: nil),
        // A silent phase takes its time and no numbers.
        Row(phases: [(1, 10), (5, 0), (1, 10)], n: 9, instant: 900_000_000),
        Row(phases: [(1, 10), (5, 0), (1, 10)], n: 10, instant: 6_000_000_000),
        Row(phases: [(5, 0)], n: 0, instant: nil),
        Row(phases: [], n: 0, instant: nil),
    ])
    func instantOfAMessage(row: Row) {
        #expect(Self.schedule(row.phases).instant(of: row.n) == row.instant)
    }

    @Test(
        arguments: [
            (-1, 0), (0, 1), (99_999_999, 1), (100_000_000, 2), (900_000_000, 10), (999_999_999, 10),
            // The silent phase adds nothing, and the last one ends what is due.
            (1_000_000_000, 10), (5_999_999_999, 10), (6_000_000_000, 11), (6_049_999_999, 11), (6_050_000_000, 12),
            (6_950_000_000, 30), (7_000_000_000, 30), (3_600_000_000_000, 30),
        ] as [(Int64, Int)])
    func dueAtAnInstant(instant: Int64, count: Int) {
        #expect(Self.schedule([(1, 10), (5, 0), (1, 20)]).due(at: instant) == count)
    }

    @Test func countsAndDurationsAddUp() {
        let schedule = Self.schedule([(2, 10), (5, 0), (1.5, 100)])
        #expect(schedule.count == 170)
        #expect(schedule.duration == 8_500_000_000)
        #expect(schedule.segments.map(\.first) == [0, 20, 20])
        #expect(schedule.segments.map(\.count) == [20, 0, 150])
        #expect(schedule.segments.map(\.start) == [0, 2 * Self.second, 7 * Self.second])
        #expect(Self.schedule([]).count == 0)
        #expect(Self.schedule([]).duration == 0)
    }

    @Test func measuredMessagesAreThoseOfTheMeasuredPhase() {
        let schedule = Self.schedule([(1, 10), (1, 20), (1, 10)])
        #expect((0..<schedule.count).filter(schedule.isMeasured) == Array(10..<30))
        #expect(!schedule.isMeasured(-1))
        #expect(!schedule.isMeasured(40))
    }

    @Test func theSegmentAtAnInstant() {
        let schedule = Self.schedule([(1, 10), (1, 20)])
        #expect(schedule.segment(at: -1) == nil)
        #expect(schedule.segment(at: 0)?.name == "p0")
        #expect(schedule.segment(at: Self.second - 1)?.name == "p0")
        #expect(schedule.segment(at: Self.second)?.name == "p1")
        #expect(schedule.segment(at: 60 * Self.second)?.name == "p1")
    }

    /// Rates that do not divide a second, and rates below one.
    private static let awkward: [Double] = [0.1, 0.3, 1, 3, 7, 33.3, 60, 99.9, 333, 1000, 7919]

    @Test(arguments: awkward)
    func instantsAscendAndEachIsDueAtItself(rate: Double) {
        let schedule = Self.schedule([(20, rate), (3, 0), (20, rate * 1.7)])
        var previous: Int64 = -1
        // One expectation for all: a third of a million of them would take longer than all other tests.
        var wrong: [Int] = []
        for n in 0..<schedule.count {
            let instant = schedule.instant(of: n) ?? -1
            let isDue = schedule.due(at: instant) == n + 1 && schedule.due(at: instant - 1) == n
            if instant <= previous || instant >= schedule.duration || !isDue { wrong.append(n) }
            previous = instant
        }
        #expect(wrong.isEmpty, "of \(schedule.count)")
    }

    /// Adding up rounded intervals would be off by up to a microsecond for every thousand messages.
    @Test(arguments: awkward)
    func doesNotDriftOverAnHour(rate: Double) throws {
        let schedule = Self.schedule([(3600, rate)])
        #expect(schedule.count == Int((3600 * rate).rounded()))
        let last = schedule.count - 1
        let exact = Double(last) / rate * 1e9
        #expect(abs(Double(try #require(schedule.instant(of: last))) - exact) <= 2)
    }
}

@Suite struct ClosedLoopScheduleTests {
    private static let schedule = Schedule(phases: [
        Phase(name: "connect", connectRate: 1), Phase(name: "open", duration: .seconds(2), rate: 10),
        Phase(name: "closed", duration: .seconds(3), inFlight: 8, measure: true),
    ])

    /// It has a bound, and no planned instants: its messages wait for each other from its start on.
    @Test func aClosedLoopComesLast() throws {
        let closed = try #require(Self.schedule.closedLoop)
        #expect((closed.first, closed.inFlight) == (20, 8))
        #expect(closed.count == 3 * Schedule.closedLoopBound)
        #expect(Self.schedule.instant(of: 19) == 1_900_000_000)
        #expect(Self.schedule.instant(of: 20) == 2_000_000_000)
        #expect(Self.schedule.instant(of: 300_019) == 2_000_000_000)
        #expect(Self.schedule.instant(of: 300_020) == nil)
        #expect(!Self.schedule.isMeasured(19) && Self.schedule.isMeasured(20))
        #expect(Self.schedule.duration == 5_000_000_000)
    }

    @Test func anOpenScheduleHasNone() {
        #expect(Schedule(phases: [Phase(name: "open", duration: .seconds(2), rate: 10)]).closedLoop == nil)
    }
}
