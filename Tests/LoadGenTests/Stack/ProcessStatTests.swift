import Foundation
import Testing

@testable import LoadGen

@Suite struct ProcessStatTests {
    private static let line =
        "42 (a) b (c)) S 7 40 40 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 98765 1000 200 18446744073709551615 1"

    @Test func readsAroundAnyName() throws {
        let stat = try #require(ProcessStat.parse(Self.line))
        #expect(stat == ProcessStat(id: 42, state: "S", parent: 7, group: 40, ticks: 127, start: 98765))
    }

    @Test(arguments: ["", "42", "42 (a", "42 (a) S", "x (a) S 7 40", "42 )a( S 7 40 40 0"])
    func refusesWhatIsNoSuchLine(line: String) {
        #expect(ProcessStat.parse(line) == nil)
    }

    @Test func thisProcessLives() throws {
        let own = try #require(ProcessIdentity(getpid()))
        #expect(own.isAlive)
        #expect(own == .own)
        #expect(!ProcessIdentity(id: own.id, start: own.start + 1).isAlive, "another process, of another time")
        #expect(try #require(ProcessUsage.of(own)).residentBytes > 1 << 20)
        #expect(ProcessUsage.of(ProcessIdentity(id: own.id, start: own.start + 1)) == nil)
    }

    @Test func findsAllDescendants() {
        let stat = { (id: Int32, parent: Int32) in
            ProcessStat(id: id, state: "S", parent: parent, group: 1, ticks: 0, start: 0)
        }
        let all = [stat(1, 0), stat(2, 1), stat(3, 2), stat(4, 3), stat(5, 1), stat(6, 5)]
        #expect(ProcessUsage.descendants(of: all[1], in: all).map(\.id) == [2, 3, 4])
    }

    @Test(arguments: [
        ("12 345 TERM\n", PartRecord(process: ProcessIdentity(id: 12, start: 345), stopSignal: "TERM")),
        ("12 345 TERM", nil), ("12 345\n", nil), ("x 345 TERM\n", nil), ("", nil),
        // Signals to these would reach more than one process.
        ("0 345 TERM\n", nil), ("-1 345 TERM\n", nil), ("1 345 TERM\n", nil),
    ])
    func readsRecords(text: String, expected: PartRecord?) {
        #expect(PartRecord.parse(text) == expected)
    }
}
