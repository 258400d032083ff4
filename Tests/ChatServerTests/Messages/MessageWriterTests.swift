import ChatMetrics
import ChatProtocol
import Foundation
import Logging
import Synchronization
import Testing

@testable import ChatServer

/// Collects answers, and lets a test wait for a number of them.
private final class Receiver: SendReceiver {
    private struct State {
        var sends: [SettledSend] = []
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    func actOnSettled() {}

    func settled(_ sends: [SettledSend]) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.sends += sends
            guard let waiter = state.waiter, state.sends.count >= waiter.count else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }

    func answers(_ count: Int) async -> [SettledSend] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sends.count < count { state.waiter = (count, continuation) }
                return state.sends.count >= count
            }
            if isThere { continuation.resume() }
        }
        return state.withLock { $0.sends }
    }
}

@Suite struct MessageWriterTests {
    private let receiver = Receiver()
    private let broker = FakeBroker()
    private let metrics = ServerMetrics(registry: MetricsRegistry(), instance: "test")

    private func writer(_ store: FakeStore, _ bounds: MessageWriter.Bounds = .init()) -> MessageWriter {
        MessageWriter(
            store: store,
            broker: broker,
            metrics: metrics,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: Clock { 5_000_000_000 },
            instance: "test",
            bounds: bounds
        )
    }

    private func send(_ seq: Int, trace: Bool = false) -> PendingSend {
        PendingSend(
            message: NewMessage(roomID: 7, userID: 1, content: "\(seq)", clientMessageID: "m\(seq)"),
            username: "ada",
            wantsTrace: trace,
            receivedNanoseconds: 1_000_000_000,
            queuedNanoseconds: 2_000_000_000,
            receiver: receiver,
            connectionID: 100 + seq
        )
    }

    /// The `seq` of an ack, or the code of an error.
    private static func outcome(_ settled: SettledSend) -> String {
        switch settled.answer {
        case .success(let ack): "\(ack.seq)"
        case .failure(let error): error.code.rawValue
        }
    }

    @Test func whatIsStoredIsAckedAndThenPublished() async throws {
        let writer = writer(FakeStore())
        #expect(writer.submit(send(1, trace: true)))
        async let running: Void = writer.run()
        let settled = try #require(await receiver.answers(1).first)
        #expect(settled.connectionID == 101)
        #expect(settled.receivedNanoseconds == 1_000_000_000)
        let ack = try settled.answer.get()
        #expect(ack.clientMessageID == "m1")
        #expect(ack.roomID == 7)
        #expect(ack.id == 1001)
        #expect(!ack.duplicate)
        #expect(ack.trace?.persistedNanoseconds == 5_000_000_000)
        #expect(await broker.calls(1) == [.publish([1])])
        writer.close()
        await running
        #expect(writer.isIdle)
    }

    @Test func whileOneBatchCommitsTheNextCollects() async {
        let (entered, release) = (Gate(), Gate())
        let store = FakeStore { batch in
            if batch.first?.content == "1" {
                entered.open()
                await release.wait()
            }
            return batch.map(FakeStore.stored)
        }
        let writer = writer(store)
        async let running: Void = writer.run()
        #expect(writer.submit(send(1)))
        await entered.wait()
        for seq in 2...20 { #expect(writer.submit(send(seq))) }
        #expect(!writer.isIdle)
        release.open()
        let answers = await receiver.answers(20)
        #expect(answers.map(Self.outcome) == (1...20).map { "\($0)" })
        #expect(store.batches == [["1"], (2...20).map { "\($0)" }])
        writer.close()
        await running
        #expect(broker.calls == [.publish([1]), .publish((2...20).map { Int64($0) })])
    }

    @Test func batchesHaveACap() async {
        let store = FakeStore()
        let writer = writer(store, .init(batchRows: 3))
        for seq in 1...7 { #expect(writer.submit(send(seq))) }
        writer.close()
        await writer.run()
        #expect(store.batches == [["1", "2", "3"], ["4", "5", "6"], ["7"]])
        let bySize = FakeStore()
        let other = self.writer(bySize, .init(batchBytes: 400))
        for seq in 1...3 { #expect(other.submit(send(seq))) }
        other.close()
        await other.run()
        #expect(bySize.batches == [["1", "2"], ["3"]])
    }

    @Test func aBadRowFailsAlone() async {
        struct Bad: Error {}
        let store = FakeStore { batch in
            if batch.contains(where: { $0.content == "2" }) { throw Bad() }
            return batch.map(FakeStore.stored)
        }
        let writer = writer(store)
        for seq in 1...3 { #expect(writer.submit(send(seq))) }
        writer.close()
        await writer.run()
        #expect(await receiver.answers(3).map(Self.outcome) == ["1", "internal_error", "3"])
        #expect(store.batches == [["1", "2", "3"], ["1"], ["2"], ["3"]])
        #expect(broker.calls == [.publish([1, 3])])
    }

    @Test func outcomesBecomeAnswers() async throws {
        let store = FakeStore { _ in
            [
                .roomNotFound, .failed("constraint"),
                .stored(id: 9, seq: 4, createdAt: Timestamp(microseconds: 1), duplicate: true),
            ]
        }
        let writer = writer(store)
        for seq in 1...3 { #expect(writer.submit(send(seq))) }
        writer.close()
        await writer.run()
        let answers = await receiver.answers(3)
        #expect(answers.map(Self.outcome) == ["room_not_found", "internal_error", "4"])
        #expect(try answers[2].answer.get().duplicate)
        if case .failure(let error) = answers[0].answer {
            #expect(error.clientMessageID == "m1")
            #expect(error.roomID == 7)
        }
        #expect(broker.calls.isEmpty, "a duplicate is not published again")
    }

    @Test func aStoreThatIsAwayAsksToComeAgain() async {
        let store = FakeStore { _ in throw StoreError.unavailable("gone") }
        let writer = writer(store)
        for seq in 1...3 { #expect(writer.submit(send(seq))) }
        writer.close()
        await writer.run()
        let answers = await receiver.answers(3)
        #expect(answers.map(Self.outcome) == ["overloaded", "overloaded", "overloaded"])
        for case .failure(let error) in answers.map(\.answer) { #expect(error.retryAfterMilliseconds == 1000) }
        #expect(store.batches == [["1", "2", "3"]], "it is not asked row by row when it is away")
    }

    @Test func aFullQueueRefuses() async {
        let writer = writer(FakeStore(), .init(queueRows: 3))
        for seq in 1...3 { #expect(writer.submit(send(seq))) }
        #expect(!writer.submit(send(4)))
        let byBytes = self.writer(FakeStore(), .init(queueBytes: 300))
        #expect(byBytes.submit(send(1)))
        #expect(byBytes.submit(send(2)))
        #expect(!byBytes.submit(send(3)))
    }

    @Test func closeDrainsAndThenRefuses() async {
        let writer = writer(FakeStore())
        for seq in 1...3 { #expect(writer.submit(send(seq))) }
        writer.close()
        #expect(!writer.submit(send(4)))
        await writer.run()
        #expect(await receiver.answers(3).map(Self.outcome) == ["1", "2", "3"])
        #expect(writer.isIdle)
    }

    @Test func aBrokerThatFailsDoesNotUnsayTheAck() async {
        broker.isFailing = true
        let writer = writer(FakeStore())
        #expect(writer.submit(send(1)))
        writer.close()
        await writer.run()
        #expect(await receiver.answers(1).map(Self.outcome) == ["1"])
        #expect(broker.calls == [.publish([1])])
    }

    /// Nothing but a wake-up ends a wait of ten minutes in one.
    private static let patient = MessageWriter.Bounds(linger: .seconds(600))

    /// What a thread finds that takes batches until there is none.
    private func taken(from writer: MessageWriter) -> AsyncStream<[String]> {
        let (found, signal) = AsyncStream<[String]>.makeStream()
        Thread {
            while let batch = writer.awaitNext() { signal.yield(batch.messages.map(\.content)) }
            signal.finish()
        }.start()
        return found
    }

    private func waited(_ writer: MessageWriter) async {
        while !writer.isAwaited { await Task.yield() }
    }

    @Test(.timeLimit(.minutes(1))) func aWaitingThreadIsWokenForWhatComes() async {
        let writer = writer(FakeStore(), Self.patient)
        var batches = taken(from: writer).makeAsyncIterator()
        for seq in 1...3 {
            await waited(writer)
            #expect(writer.submit(send(seq)))
            #expect(await batches.next() == ["\(seq)"])
        }
        await waited(writer)
        writer.close()
        #expect(await batches.next() == nil)
        #expect(writer.awaitNext() == nil, "a closed writer's thread does not wait")
    }

    @Test(.timeLimit(.minutes(1))) func aThreadThatWaitsInVainGoes() async {
        let writer = writer(FakeStore(), .init(linger: .milliseconds(1)))
        var batches = taken(from: writer).makeAsyncIterator()
        #expect(await batches.next() == nil)
        #expect(!writer.isAwaited)
        #expect(writer.submit(send(1)))
        batches = taken(from: writer).makeAsyncIterator()
        #expect(await batches.next() == ["1"], "what comes later waits for the next")
        #expect(await batches.next() == nil)
    }

    @Test func aRoomAlwaysMeetsTheSameWriter() {
        let store = FakeStore()
        let writers = MessageWriters(writers: (0..<4).map { _ in writer(store) })
        var counts: [ObjectIdentifier: Int] = [:]
        for room in 1...Int64(400) {
            let first = writers.writer(for: room)
            #expect(first === writers.writer(for: room))
            counts[ObjectIdentifier(first), default: 0] += 1
        }
        #expect(counts.count == 4)
        #expect(counts.values.allSatisfy { (50...150).contains($0) })
        #expect(writers.areIdle)
    }
}

extension MessageWriter {
    /// Queues a send, and has it committed.
    fileprivate func submit(_ send: PendingSend) -> Bool {
        defer { wake() }
        return queue(send)
    }
}
