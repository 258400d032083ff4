import Testing

@testable import LoadGen

@Suite struct ScaleTests {
    @Test(arguments: [
        (0.0, 100.0, 5, [0.0, 20, 40, 60, 80, 100]),
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 7, 4, [0, 2, 4, 6]),
        (-0.3, 0.3, 3, [-0.2, 0, 0.2]),
        (3, 3.5, 2, [3, 3.25, 3.5]),
    ])
    func linearTicksAreRound(low: Double, high: Double, count: Int, expected: [Double]) {
        let ticks = Scale(.linear, from: low, to: high, start: 0, end: 1).ticks(count)
        #expect(ticks.map { ($0 * 1e9).rounded() / 1e9 } == expected)
    }

    @Test(arguments: [
        (1e6, 1e7, 7, [1e6, 2e6, 5e6, 1e7]),
        (1e6, 1e9, 7, [1e6, 3e6, 1e7, 3e7, 1e8, 3e8, 1e9]),
        (1e6, 1e9, 4, [1e6, 1e7, 1e8, 1e9]),
        (1, 1e6, 3, [1, 1e3, 1e6]),
    ])
    func logarithmicTicksThinOut(low: Double, high: Double, count: Int, expected: [Double]) {
        let ticks = Scale(.log, from: low, to: high, start: 0, end: 1).ticks(count)
        #expect(ticks.map { $0.rounded() } == expected)
    }

    @Test(arguments: [
        (13.0, 12, 2.0), (60, 12, 5), (240, 12, 30), (3_600, 12, 300), (3_600, 5, 900), (86_400, 12, 7_200),
    ])
    func timeTicksDivideMinutesAndHours(length: Double, count: Int, step: Double) {
        let ticks = Scale(.linear, from: 0, to: length, start: 0, end: 1).timeTicks(count)
        #expect(ticks.prefix(2) == [0, step])
    }

    @Test func positionsStayInside() {
        let scale = Scale(.log, from: 1, to: 1_000, start: 300, end: 0)
        #expect(scale.position(1) == 300)
        #expect((scale.position(10) - 200).magnitude < 1e-9)
        #expect([0, -5, 0.1].map(scale.position) == [300, 300, 300])
        #expect(scale.position(1e9) == 0)
        #expect(Scale(.linear, from: 5, to: 5, start: 0, end: 10).position(5) == 0)
    }

    @Test func verticalAxisIsLogarithmicOnlyWhereItMustBe() {
        let near = Scale.vertical([2e6, 9e6], pixels: 0...100, logarithmicBeyond: 12)
        #expect(near.kind == .linear && near.low == 0 && near.high == 10e6)
        let far = Scale.vertical([2e6, 0, 900e6], pixels: 0...100, logarithmicBeyond: 12)
        #expect(far.kind == .log && (far.low - 2e6).magnitude < 1 && (far.high - 1e9).magnitude < 1)
        #expect(far.start == 100 && far.end == 0)
        let none = Scale.vertical([], pixels: 0...100, logarithmicBeyond: 12)
        #expect(none.low == 0 && none.high == 1)
    }

    @Test(arguments: [
        (FigureUnit.nanoseconds, 2.5e6, "2.5 ms"), (.nanoseconds, 1e9, "1 s"), (.nanoseconds, 0, "0"),
        (.nanoseconds, 500, "500 ns"), (.seconds, 90, "90 s"), (.seconds, 150, "2:30"), (.seconds, 3_725, "1:02:05"),
        (.bytes, 2e7, "20 MB"), (.count("x"), 1_500, "1,500"), (.perSecond("x"), 20_000, "20k/s"),
        (.cores, 0.25, "0.25"), (.share, 0.4, "40%"), (.perSecond(""), 2.5e6, "2.5M/s"),
    ])
    func axisLabelsAreShort(unit: FigureUnit, value: Double, expected: String) {
        #expect(unit.tick(value) == expected)
    }

    @Test func differencesHaveASign() {
        #expect([0.123, -0.2834, 0, 1.5].map(FigureUnit.difference) == ["+12.3%", "−28.3%", "±0.0%", "+150%"])
        #expect([0.05, -0.025, 0].map(FigureUnit.differenceTick) == ["+5%", "−2.5%", "0"])
        #expect(FigureUnit.difference(.nan) == "–")
    }
}
