import ChatProtocol
import NIOCore
import Synchronization
import Testing

@testable import ChatServer

/// Keeps what a broker delivers, and lets a test wait for it.
final class RecordingSink: BrokerSink {
    private struct State {
        var messages: [BrokerMessage] = []
        var notices: [BrokerNotice] = []
        var resumptions = 0
        var waiters: [(isDone: @Sendable ([BrokerMessage], [BrokerNotice]) -> Bool, CheckedContinuation<Void, Never>)] =
            []
    }

    private let state = Mutex(State())

    var messages: [BrokerMessage] { state.withLock { $0.messages } }
    var notices: [BrokerNotice] { state.withLock { $0.notices } }
    var resumptions: Int { state.withLock { $0.resumptions } }

    func received(_ batch: [BrokerMessage]) { note { $0.messages += batch } }

    func resumed() { note { $0.resumptions += 1 } }

    func received(_ notice: BrokerNotice) { note { $0.notices.append(notice) } }

    /// Waits until so many messages and notices have come.
    func wait(messages: Int = 0, notices: Int = 0) async {
        await withCheckedContinuation { continuation in
            note { $0.waiters.append(({ $0.count >= messages && $1.count >= notices }, continuation)) }
        }
    }

    private func note(_ change: (inout State) -> Void) {
        let ready = state.withLock { state in
            change(&state)
            let ready = state.waiters.filter { $0.isDone(state.messages, state.notices) }
            state.waiters.removeAll { $0.isDone(state.messages, state.notices) }
            return ready.map { $0.1 }
        }
        for continuation in ready { continuation.resume() }
    }
}

/// What every ``Broker`` promises. An implementation's suite calls ``run(_:)`` with each case.
struct BrokerConformance: Sendable {
    let broker: any Broker
    private let sink = RecordingSink()

    init(broker: any Broker) {
        self.broker = broker
    }

    enum Case: String, CaseIterable, Sendable {
        case order, contents, nothingBefore, nothingAfter, noSubscribers, notices, manyPublishers
    }

    func run(_ name: Case) async throws {
        try await broker.start(sink)
        switch name {
        case .order: try await order()
        case .contents: try await contents()
        case .nothingBefore: try await nothingBefore()
        case .nothingAfter: try await nothingAfter()
        case .noSubscribers: try await noSubscribers()
        case .notices: try await notices()
        case .manyPublishers: try await manyPublishers()
        }
        #expect(broker.trouble == nil)
        #expect(await broker.description.isEmpty == false)
        await broker.close()
    }

    private func message(_ room: RoomID, _ seq: Sequence64, trace: Trace? = nil) -> BrokerMessage {
        BrokerMessage(
            roomID: room,
            seq: seq,
            payload: ByteBuffer(string: #"{"event":"message","seq":\#(seq),"content":"\u00e9\u{1F680}"}"#),
            origin: "here",
            receivedNanoseconds: 1,
            publishedNanoseconds: 2,
            trace: trace
        )
    }

    /// A notice after what was published: when it has come, so has everything that was to come.
    private func settle() async throws {
        let notices = sink.notices.count
        try await broker.announce(.sessionRevoked(424_242))
        await sink.wait(notices: notices + 1)
    }

    private func order() async throws {
        try await broker.subscribe(1)
        try await broker.subscribe(2)
        for seq in stride(from: Int64(1), to: 200, by: 2) {
            try await broker.publish([message(1, seq), message(2, seq), message(1, seq + 1), message(2, seq + 1)])
        }
        await sink.wait(messages: 400)
        for room in [1, 2] as [RoomID] {
            #expect(sink.messages.filter { $0.roomID == room }.map(\.seq) == Array(1...200))
        }
    }

    private func contents() async throws {
        try await broker.subscribe(1)
        let trace = Trace(receivedNanoseconds: 1, persistedNanoseconds: 2, publishedNanoseconds: 3, origin: "here")
        let sent = [message(1, 1, trace: trace), message(1, 2)]
        try await broker.publish(sent)
        await sink.wait(messages: 2)
        for (sent, received) in zip(sent, sink.messages) {
            #expect(received.payload == sent.payload)
            #expect(received.origin == "here")
            #expect(received.receivedNanoseconds == 1)
            #expect(received.publishedNanoseconds == 2)
            #expect(received.trace == sent.trace)
        }
    }

    private func nothingBefore() async throws {
        try await broker.publish([message(1, 1)])
        try await broker.subscribe(1)
        try await broker.subscribe(1)
        try await broker.publish([message(1, 2), message(2, 1)])
        await sink.wait(messages: 1)
        try await settle()
        #expect(sink.messages.map(\.seq) == [2], "nothing of before, and each once")
    }

    private func nothingAfter() async throws {
        try await broker.subscribe(1)
        try await broker.subscribe(2)
        try await broker.publish([message(1, 1)])
        await sink.wait(messages: 1)
        try await broker.unsubscribe(1)
        try await broker.unsubscribe(3)
        try await broker.publish([message(1, 2), message(2, 1)])
        await sink.wait(messages: 2)
        try await settle()
        #expect(sink.messages.map(\.roomID) == [1, 2])
        try await broker.subscribe(1)
        try await broker.publish([message(1, 3)])
        await sink.wait(messages: 3)
        #expect(sink.messages.last?.seq == 3)
    }

    private func noSubscribers() async throws {
        try await broker.publish([])
        try await broker.publish([message(1, 1)])
        try await settle()
        #expect(sink.messages.isEmpty)
    }

    private func notices() async throws {
        let reports = [
            Presence.Report(roomID: 1, userID: 2, username: "\u{E9}ve \"x\"", isHere: true),
            Presence.Report(roomID: .max, userID: .max, username: "", isHere: false),
        ]
        let contents: [PresenceNotice.Content] = [
            .reports(reports), .snapshot(reports, isFirst: true), .snapshot([], isFirst: false), .heartbeat, .request,
            .goodbye,
        ]
        let instance = InstanceID(bits: .max)
        let notices: [BrokerNotice] =
            [
                .memberLeft(roomID: 1, userID: 2, reason: .removed), .memberLeft(roomID: 1, userID: 3, reason: .left),
                .memberLeft(roomID: 1, userID: 4, reason: .revoked), .sessionRevoked(9),
                .memberLeft(roomID: 1, userID: 5, reason: .deleted), .roomDeleted(.max),
                .roomRenamed(1, name: String(repeating: "\u{1F680}", count: 100)),
                .typing(roomID: 1, userID: 2, username: "ada"),
            ] + contents.map { .presence(PresenceNotice(instance: instance, number: 7, content: $0)) }
        // Whoever hears of typing is in the room.
        try await broker.subscribe(1)
        for notice in notices { try await broker.announce(notice) }
        await sink.wait(notices: notices.count)
        for notice in notices { #expect(sink.notices.filter { $0 == notice }.count == 1) }
    }

    private func manyPublishers() async throws {
        for room in 1...Int64(8) { try await broker.subscribe(room) }
        try await withThrowingTaskGroup { group in
            for room in 1...Int64(8) {
                group.addTask {
                    for seq in 1...Int64(50) { try await broker.publish([message(room, seq)]) }
                }
            }
            try await group.waitForAll()
        }
        await sink.wait(messages: 400)
        for room in 1...Int64(8) {
            #expect(sink.messages.filter { $0.roomID == room }.map(\.seq) == Array(1...50))
        }
    }
}
