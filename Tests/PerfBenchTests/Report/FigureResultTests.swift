import Foundation
import Testing

@testable import PerfBench

@Suite struct FigureResultTests {
    private static func figure(_ target: Target) -> FigureResult {
        FigureResult(
            name: "a.b", what: "…", unit: "s", better: .lower, floor: .init(what: "bare"), target: target)
    }

    @Test(arguments: [
        (Target.atLeast(20), true), (.atLeast(21), false), (.atMost(20), true), (.atMost(19), false),
        (.ratioAtLeast(2), true), (.ratioAtLeast(2.1), false), (.ratioAtMost(2), true), (.ratioAtMost(1.9), false),
    ])
    func isHeldAgainstItsTarget(target: Target, holds: Bool) {
        var figure = Self.figure(target)
        // The ratios are 1, 2 and 3: their median is not the medians' ratio.
        figure.add(10, floor: 10)
        figure.add(20, floor: 10)
        figure.add(60, floor: 20)
        #expect(figure.median == 20)
        #expect(figure.ratio == 2)
        #expect(figure.holds == holds)
    }

    @Test func nothingMeasuredHoldsNothing() {
        #expect(!Self.figure(.atMost(1)).holds)
        var figure = Self.figure(.atMost(1))
        figure.add(0.5, floor: 0.5)
        figure.failed = "the server is gone"
        #expect(!figure.holds)
    }

    @Test func isWrittenWithItsFloor() throws {
        var figure = Self.figure(.ratioAtMost(1.5))
        figure.add(3, floor: 2)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(
            String(decoding: try encoder.encode(figure), as: UTF8.self)
                == #"{"better":"lower","floor":{"median":2,"values":[2],"what":"bare"},"holds":true,"median":3,"#
                + #""name":"a.b","ratio":1.5,"target":{"ratio_at_most":1.5},"unit":"s","values":[3],"what":"…"}"#)
    }
}
