import ChatProtocol
import Logging
import NIOCore

/// What every connection needs from the rest of the house.
struct GatewayServices: Sendable {
    var store: any Store
    var broker: any Broker
    var auth: AuthService
    var rooms: RoomService
    var presence: Presence
    var subscriptions: RoomSubscriptions
    var writers: MessageWriters
    var hub: RoomHub
    var limiter: RateLimiter
    var connectionLimits: ConnectionLimits
    var proxies: TrustedProxies
    var metrics: ServerMetrics
    var logger: Logger
    var clock: Clock
    var settings: GatewaySettings
}

/// The bounds and times of a connection.
struct GatewaySettings: Sendable {
    var instance: String
    var epoch: String
    var authenticationTimeout: TimeAmount = .seconds(5)
    var pingInterval: TimeAmount = .seconds(25)
    var pongTimeout: TimeAmount = .seconds(8)
    /// How long a peer has to answer a close frame.
    var closeTimeout: TimeAmount = .seconds(2)
    /// Bytes that may wait for one socket; beyond it the reader is too slow.
    var outboundBound = 1 << 20
    /// Unanswered sends of one connection; beyond it we stop reading from it.
    var inFlightBound = 256
    /// Frames of any kind from one connection; nil without limits.
    var frameLimit: TokenBucket.Limit?
    /// More missed messages than this are not replayed.
    var replayLimit = 1000
    /// Connections (HTTP and WebSocket) that may be open; beyond it a new one gets 503.
    var maxConnections: Int
    /// Between saying that the instance is not ready and closing the first socket: balancers look again meanwhile.
    var drainNotice: TimeAmount = .seconds(1)
    /// Sockets that a loop closes in a tick while it drains, at least; where there are more, they are spread over the time.
    var drainBatch = 50
    /// How long a client has to say who it is in TLS.
    var handshakeTimeout: TimeAmount = .seconds(10)
}
