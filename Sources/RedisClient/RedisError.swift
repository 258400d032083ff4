/// What can go wrong between this process and a Redis server.
package enum RedisError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is no address of a Redis server; says what is wrong with it, and never shows a password.
    case invalidAddress(String)
    /// There is no connection now; says why. Nothing was sent.
    case unavailable(String)
    /// The server did not answer in time. A command may or may not have been carried out.
    case timeout
    /// Too much is unanswered already. Nothing was sent.
    case overloaded
    /// The server's error reply, such as `NOPERM …`.
    case server(String)
    /// The peer does not speak RESP, or answers what was not asked.
    case malformedReply(String)
    /// The connection ended with the command unanswered: it may or may not have been carried out.
    case connectionLost(String)
    /// The channel was unsubscribed while this call waited for its subscription.
    case unsubscribed
    /// Closed by this process.
    case closed

    package var description: String {
        switch self {
        case .invalidAddress(let what): "not the address of a Redis server: \(what)"
        case .unavailable(let why): "Redis is not available: \(why)"
        case .timeout: "Redis did not answer in time"
        case .overloaded: "too much waits for Redis already"
        case .server(let text): "Redis refused: \(text)"
        case .malformedReply(let what): "malformed reply from Redis: \(what)"
        case .connectionLost(let why): "the connection to Redis was lost: \(why)"
        case .unsubscribed: "the channel was unsubscribed meanwhile"
        case .closed: "the Redis client is closed"
        }
    }

    /// Any error as one of ours.
    static func from(_ error: any Error) -> RedisError {
        (error as? RedisError) ?? .connectionLost("\(error)")
    }
}
