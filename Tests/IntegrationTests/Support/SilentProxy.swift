import NIOCore
import Synchronization

/// A TCP proxy whose connections can go silent in one direction: they stay open, and what is sent that way is lost, as
/// with a firewall that has forgotten a connection. Connections that are made later work.
final class SilentProxy: Sendable {
    enum Direction: String, CaseIterable, Sendable {
        case toServer, toClient
    }

    private let proxy: TCPProxy
    private let connections: Connections

    /// Which connections are silent: those with a number up to this.
    private final class Connections: Sendable {
        let state = Mutex<(last: Int, silent: [Direction: Int])>((0, [:]))

        func next() -> Int {
            state.withLock { state in
                state.last += 1
                return state.last
            }
        }

        func isSilent(_ number: Int, _ direction: Direction) -> Bool {
            state.withLock { number <= $0.silent[direction] ?? 0 }
        }
    }

    var port: Int { proxy.port }

    init(to target: Int) async throws {
        let connections = Connections()
        proxy = try await TCPProxy(to: target) { client, server in
            let number = connections.next()
            let answers = Filter(to: client) { connections.isSilent(number, .toClient) }
            let requests = Filter(to: server) { connections.isSilent(number, .toServer) }
            try server.pipeline.syncOperations.addHandler(answers)
            try client.pipeline.syncOperations.addHandler(requests)
        }
        self.connections = connections
    }

    /// All connections that are open now lose what is sent in this direction from now on.
    /// - Returns: how many those are, or were.
    @discardableResult
    func silence(_ direction: Direction) -> Int {
        connections.state.withLock { state in
            state.silent[direction] = state.last
            return state.last
        }
    }

    /// How many connections were made.
    var count: Int { connections.state.withLock { $0.last } }

    func close() async throws { try await proxy.close() }

    private final class Filter: TCPProxy.Forwarder {
        private let isSilent: () -> Bool

        init(to peer: any Channel, isSilent: @escaping () -> Bool) {
            self.isSilent = isSilent
            super.init(to: peer)
        }

        override func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if !isSilent() { super.channelRead(context: context, data: data) }
        }
    }
}
