import Testing

@testable import ChatServer

@Suite struct InProcessBrokerTests {
    @Test(arguments: BrokerConformance.Case.allCases)
    func conforms(to name: BrokerConformance.Case) async throws {
        try await BrokerConformance(broker: InProcessBroker()).run(name)
    }

    @Test func afterItsEndNothingIsDelivered() async throws {
        let broker = InProcessBroker()
        let sink = RecordingSink()
        try await broker.start(sink)
        try await broker.subscribe(1)
        await broker.close()
        try await broker.announce(.sessionRevoked(1))
        #expect(sink.notices.isEmpty)
        #expect(sink.messages.isEmpty)
    }
}
