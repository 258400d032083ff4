import Testing

@testable import PostgresClient

/// How long is left, in the unit that poll(2) takes.
@Suite struct DeadlineTests {
    @Test func lookingDoesNotWait() {
        #expect(Deadline(after: .zero).milliseconds == 0)
        #expect(Deadline(after: .seconds(-5)).milliseconds == 0)
    }

    @Test func aWaitNeverEndsEarly() {
        #expect(Deadline(after: .nanoseconds(500_000)).milliseconds <= 1)
        #expect((2_999...3_001).contains(Deadline(after: .seconds(3)).milliseconds))
    }
}
