import Testing

@testable import LoadGen

@Suite struct ProgressLineTests {
    private static let running = ProgressSnapshot(
        elapsed: 12, total: 27, phase: "steady", connected: 1_000, clients: 1_000, offeredRate: 500, sentRate: 499.5,
        ackedRate: 498.5, deliveredRate: 10_000, p50: 890_000, p99: 3_100_000, lagP99: 180_000)

    private static var troubled: ProgressSnapshot {
        var snapshot = running
        snapshot.phase = "a phase with a very long name"
        snapshot.errors = 1_234
        snapshot.violations = 2
        snapshot.elapsed = 99_999
        return snapshot
    }

    @Test(arguments: [0, 1, 2, 10, 20, 40, 60, 79, 80, 100, 120, 160, 300])
    func fillsTheWidthAndNoMore(width: Int) {
        for snapshot in [ProgressSnapshot(), Self.running, Self.troubled] {
            let line = ProgressLine.render(snapshot, tty: true, color: false, width: width)
            #expect(line.count == max(0, width - 1))
            #expect(!line.contains("\n"))
        }
    }

    @Test func terminalLine() {
        #expect(
            ProgressLine.render(Self.running, tty: true, color: false, width: 80)
                == "steady  ████░░░░░░  00:12/00:27  1,000/1,000 clients  dlv 10,000/s  p99 3.10ms ")
        #expect(
            ProgressLine.render(Self.running, tty: true, color: false, width: 145) == """
                steady  ████░░░░░░  00:12/00:27  1,000/1,000 clients  sent 500/s of 500/s  ack 499/s  dlv 10,000/s  \
                p50 890µs  p99 3.10ms  lag 180µs\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}
                """)
    }

    @Test func troubleIsTheLastToGo() {
        let line = ProgressLine.render(Self.troubled, tty: true, color: false, width: 72)
        #expect(line.contains("1,234 errors  2 VIOLATIONS"))
    }

    @Test func colorAddsNothingButColor() {
        let plain = ProgressLine.render(Self.troubled, tty: true, color: false, width: 120)
        let colored = ProgressLine.render(Self.troubled, tty: true, color: true, width: 120)
        #expect(!plain.contains("\u{1B}"))
        #expect(colored.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
    }

    @Test func logLine() {
        #expect(
            ProgressLine.render(Self.running, tty: false, color: true, width: 20) == """
                [00:12/00:27] phase=steady clients=1000/1000 offered=500/s sent=500/s acked=499/s delivered=10,000/s \
                p50=890µs p99=3.10ms lag_p99=180µs errors=0 violations=0
                """)
    }

    @Test func strangeTimesDoNotTrap() {
        for value in [Double.nan, .infinity, -1, 1e300] {
            let snapshot = ProgressSnapshot(elapsed: value, total: value, offeredRate: value)
            _ = ProgressLine.render(snapshot, tty: false, color: false, width: 80)
            #expect(ProgressLine.render(snapshot, tty: true, color: false, width: 80).contains("--:--/--:--"))
        }
    }
}
