import NIOCore
import Testing

@testable import ChatServer

@Suite struct TimingWheelTests {
    /// After how many ticks each element fires.
    private static func run(_ wheel: inout TimingWheel<Int>, ticks: Int) -> [Int: [Int]] {
        var fired: [Int: [Int]] = [:]
        for tick in 1...ticks { for element in wheel.advance() { fired[element, default: []].append(tick) } }
        return fired
    }

    @Test func neverEarlyAndAtMostATickLate() {
        var wheel = TimingWheel<Int>(tick: .milliseconds(100), slots: 64)
        for milliseconds in [0, 1, 99, 100, 101, 250, 5000] {
            wheel.schedule(milliseconds, in: .milliseconds(Int64(milliseconds)))
        }
        let fired = Self.run(&wheel, ticks: 200)
        // The first tick may come at once, so n ticks stand for more than n - 1 whole ones.
        #expect(fired == [0: [1], 1: [2], 99: [2], 100: [2], 101: [3], 250: [4], 5000: [51]])
    }

    @Test func aDelayBeyondTheHorizonIsCut() {
        var wheel = TimingWheel<Int>(tick: .milliseconds(10), slots: 8)
        wheel.schedule(1, in: .seconds(60))
        #expect(Self.run(&wheel, ticks: 30) == [1: [7]])
    }

    @Test func wrapsAroundAndKeepsOrder() {
        var wheel = TimingWheel<Int>(tick: .milliseconds(10), slots: 8)
        _ = Self.run(&wheel, ticks: 13)
        for element in 1...3 { wheel.schedule(element, in: .milliseconds(30)) }
        for _ in 0..<3 { #expect(wheel.advance().isEmpty) }
        #expect(wheel.advance() == [1, 2, 3])
        #expect(wheel.advance().isEmpty)
    }

    @Test func whatFiresMayScheduleItselfAgain() {
        var wheel = TimingWheel<Int>(tick: .milliseconds(10), slots: 8)
        wheel.schedule(1, in: .milliseconds(20))
        var ticks: [Int] = []
        for tick in 1...9 {
            for element in wheel.advance() {
                ticks.append(tick)
                wheel.schedule(element, in: .milliseconds(20))
            }
        }
        #expect(ticks == [3, 6, 9])
    }
}
