import Logging
import NIOCore

/// What a subscriber tells, on its event loop and in the order in which it happened. It must not block.
package protocol RedisSubscriberDelegate: AnyObject, Sendable {
    /// What one read of the socket delivered; never empty.
    func messages(_ batch: [RedisMessage])
    /// Every wanted channel is confirmed on this connection; messages may have been lost since the last one's end.
    /// - Parameter generation: counts the connections.
    func connected(generation: UInt64)
    /// After ``connected(generation:)``, once: messages may be lost from now on.
    func disconnected(reason: RedisError)
}

/// Subscribes through one connection to a group; connects again when it is lost, or found dead, and then subscribes
/// again to all channels that are wanted.
///
/// Messages of one channel arrive in the order in which the server took them; a message may be lost, never repeated.
package final class RedisSubscriber: Sendable {
    private let eventLoop: any EventLoop
    private let options: RedisOptions
    private let core: NIOLoopBoundBox<SubscriberCore>
    private let connected: ConnectedFlag

    /// Does nothing before ``start(_:)``.
    /// - Parameter position: the server of the group to try first; any if nil.
    package init(
        group: RedisGroup,
        startingAt position: Int? = nil,
        options: RedisOptions = RedisOptions(),
        eventLoop: any EventLoop,
        logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.options = options
        let connected = ConnectedFlag()
        self.connected = connected
        let position = position ?? .random(in: 0..<group.servers.count)
        core = NIOLoopBoundBox.makeBoxSendingValue(
            SubscriberCore(
                link: RedisLink(
                    group: group,
                    startingAt: position,
                    options: options,
                    eventLoop: eventLoop,
                    logger: logger
                ),
                options: options,
                eventLoop: eventLoop,
                flag: connected
            ),
            eventLoop: eventLoop
        )
    }

    /// True from the delegate's ``RedisSubscriberDelegate/connected(generation:)`` to its `disconnected`.
    package var isConnected: Bool { connected.value }

    /// Begins to connect, and does so until ``close()``. The delegate is held until then.
    package func start(_ delegate: any RedisSubscriberDelegate) {
        eventLoop.execute { self.core.value.start(delegate) }
    }

    /// Returns when the server has confirmed the channel on the present connection; from then on it is wanted, until
    /// ``unsubscribe(_:)``. The delegate may get its messages a little before this returns.
    /// - Parameter timeout: nil for the one of the options.
    /// - Throws: ``RedisError``: `timeout`, also of an outage; `overloaded` if too many calls wait; `server` if it is
    ///   forbidden; `unsubscribed`; `closed`. The channel is not wanted then, unless another call has succeeded or
    ///   still waits.
    package func subscribe(_ channel: String, timeout: TimeAmount? = nil) async throws {
        let timeout = timeout ?? options.subscribeTimeout
        try await eventLoop.flatSubmit { self.core.value.subscribe(channel, timeout: timeout) }.get()
    }

    /// When it returns the delegate gets nothing more of the channel. Calls that wait for it fail.
    package func unsubscribe(_ channel: String) async {
        try? await eventLoop.submit { self.core.value.unsubscribe(channel) }.get()
    }

    /// Gives the present connection up, as it seems dead, and makes a new one.
    package func reconnect(reason: String) {
        eventLoop.execute { self.core.value.reconnect(reason) }
    }

    package func close() async {
        try? await eventLoop.submit { self.core.value.close() }.get()
    }
}
