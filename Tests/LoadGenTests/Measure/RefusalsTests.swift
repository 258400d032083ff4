import Testing

@testable import LoadGen

@Suite struct RefusalsTests {
    @Test(arguments: [(0, 0, 0), (0, 1000, 0), (1, 1000, 0), (2, 1000, 2), (1, 999, 1), (5, 0, 5)])
    func aFewAreTolerable(count: Int, offered: Int, unacked: Int) {
        let refusals = Refusals(count: count, offered: offered)
        #expect(refusals.unacked == unacked)
        #expect(refusals.details.isEmpty == (unacked == 0))
    }

    @Test func manyAreToldInWords() {
        #expect(
            Refusals(count: 1200, offered: 40_000).details == [
                "1,200 of 40,000 messages were refused or found no connection: more than 0.1%, so they count as unacked"
            ])
    }
}
