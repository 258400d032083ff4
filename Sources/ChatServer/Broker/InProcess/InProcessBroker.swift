import ChatProtocol
import Synchronization

/// The broker of a single instance: hands over what is published, on the publisher's thread.
final class InProcessBroker: Broker {
    private struct State {
        var sink: (any BrokerSink)?
        var rooms: Set<RoomID> = []
    }

    private let state = Mutex(State())

    var description: String { "memory" }
    var isShared: Bool { false }
    var probeAge: Double { 0 }
    var trouble: String? { nil }

    func start(_ sink: any BrokerSink) async throws {
        state.withLock { $0.sink = sink }
    }

    func publish(_ batch: [BrokerMessage], done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        let (sink, wanted) = state.withLock { state in
            (state.sink, batch.filter { state.rooms.contains($0.roomID) })
        }
        if !wanted.isEmpty { sink?.received(wanted) }
        done(.success(()))
    }

    func announce(_ notice: BrokerNotice) async throws {
        state.withLock { $0.sink }?.received(notice)
    }

    func subscribe(_ roomID: RoomID) async throws {
        state.withLock { _ = $0.rooms.insert(roomID) }
    }

    func unsubscribe(_ roomID: RoomID) async throws {
        state.withLock { _ = $0.rooms.remove(roomID) }
    }

    func close() async {
        state.withLock { $0 = State() }
    }
}
