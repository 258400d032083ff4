import NIOCore

/// Bounds in time and bytes of the connections to a Redis server.
package struct RedisOptions: Sendable {
    /// From the first packet to the last answer of the handshake: TCP, TLS, AUTH and SELECT.
    package var connectTimeout: TimeAmount
    /// How old the oldest unanswered command may get before its connection is closed.
    package var commandTimeout: TimeAmount
    /// How long a call of ``RedisSubscriber/subscribe(_:timeout:)`` waits, outages included.
    package var subscribeTimeout: TimeAmount
    /// How often a subscriber asks its server for a sign of life.
    package var pingInterval: TimeAmount
    /// How long the server may take over it, or over any other answer to a subscriber.
    package var pingTimeout: TimeAmount
    /// Bytes of unanswered commands; more is refused with ``RedisError/overloaded``.
    package var maxBytesInFlight: Int
    /// Bytes of one reply; more is a malformed one.
    package var maxReplyBytes: Int
    /// Calls of ``RedisSubscriber/subscribe(_:timeout:)`` that wait at a time.
    package var maxWaitingSubscribes: Int
    /// The delay before the first attempt to reconnect, and the longest; each is cut by a random part up to half of it.
    package var minBackoff: TimeAmount
    package var maxBackoff: TimeAmount
    /// Shown by `CLIENT LIST` on the server; without spaces. Nil for none.
    package var clientName: String?

    package init(
        connectTimeout: TimeAmount = .seconds(2),
        commandTimeout: TimeAmount = .seconds(2),
        subscribeTimeout: TimeAmount = .seconds(5),
        pingInterval: TimeAmount = .seconds(5),
        pingTimeout: TimeAmount = .seconds(5),
        maxBytesInFlight: Int = 16 << 20,
        maxReplyBytes: Int = 64 << 20,
        maxWaitingSubscribes: Int = 65_536,
        minBackoff: TimeAmount = .milliseconds(50),
        maxBackoff: TimeAmount = .seconds(2),
        clientName: String? = nil
    ) {
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.subscribeTimeout = subscribeTimeout
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.maxBytesInFlight = maxBytesInFlight
        self.maxReplyBytes = maxReplyBytes
        self.maxWaitingSubscribes = maxWaitingSubscribes
        self.minBackoff = minBackoff
        self.maxBackoff = maxBackoff
        self.clientName = clientName
    }
}
