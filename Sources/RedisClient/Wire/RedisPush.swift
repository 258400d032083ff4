import CHiredis
import NIOCore

/// What a server sends to a connection that subscribes, in RESP2.
enum RedisPush: Equatable {
    case message(RedisMessage)
    case subscribed(String)
    case unsubscribed(String)
    case pong
    case error(String)

    /// - Throws: ``RedisError/malformedReply(_:)`` for anything else.
    init(_ reply: UnsafePointer<redisReply>) throws {
        let reply = reply.pointee
        switch reply.type {
        case REDIS_REPLY_ERROR: self = .error(reply.string)
        // PING is answered so while nothing is subscribed, and by an array of `pong` and an empty string after that.
        case REDIS_REPLY_STATUS where reply.string == "PONG": self = .pong
        case REDIS_REPLY_ARRAY: self = try RedisPush(array: reply)
        case let type: throw RedisError.malformedReply("type \(type) where a message was expected")
        }
    }

    private init(array: redisReply) throws {
        guard let kind = array.string(at: 0) else { throw RedisError.malformedReply("a message without its kind") }
        switch (kind.string, array.elements) {
        case ("message", 3):
            guard let channel = array.string(at: 1), let payload = array.string(at: 2) else { break }
            self = .message(RedisMessage(channel: channel.string, payload: ByteBuffer(bytes: payload.bytes)))
            return
        case ("subscribe", 3):
            guard let channel = array.string(at: 1) else { break }
            self = .subscribed(channel.string)
            return
        case ("unsubscribe", 3):
            guard let channel = array.string(at: 1) else { break }
            self = .unsubscribed(channel.string)
            return
        case ("pong", 2):
            self = .pong
            return
        default: break
        }
        throw RedisError.malformedReply("a message of unknown shape")
    }
}

extension redisReply {
    /// The bulk string at this place of an array.
    fileprivate func string(at index: Int) -> redisReply? {
        guard index < elements, let reply = element?[index]?.pointee, reply.type == REDIS_REPLY_STRING else {
            return nil
        }
        return reply
    }
}
