import CHiredis
import NIOCore

/// hiredis' parser of replies: bytes in, replies out, in the order of the stream.
final class ReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let maxReplyBytes: Int
    /// Fed since the last whole reply.
    private var unfinishedBytes = 0

    /// The parser moves what it has not yet read to the front now and then; small portions keep that cheap.
    private static let portion = 16 << 10

    /// - Throws: ``RedisError/unavailable(_:)`` if there is no memory.
    init(maxReplyBytes: Int) throws {
        guard let reader = redisReaderCreate() else { throw RedisError.unavailable("out of memory") }
        self.reader = reader
        self.maxReplyBytes = maxReplyBytes
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Takes the next bytes of the stream, and appends what they complete.
    /// - Parameter convert: gets each reply as hiredis has it; the pointer is valid during the call.
    /// - Throws: ``RedisError/malformedReply(_:)``, or what `convert` throws; the stream cannot go on after that.
    func read<Value>(
        _ bytes: ByteBuffer, into values: inout [Value], convert: (UnsafePointer<redisReply>) throws -> Value
    ) throws {
        try bytes.withUnsafeReadableBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<min(offset + Self.portion, bytes.count)])
                offset += part.count
                unfinishedBytes += part.count
                guard redisReaderFeed(reader, part.baseAddress, part.count) == REDIS_OK else { throw malformed() }
                try drain(into: &values, convert)
                guard unfinishedBytes <= maxReplyBytes else {
                    throw RedisError.malformedReply("more than \(maxReplyBytes) bytes")
                }
            }
        }
    }

    private func drain<Value>(
        into values: inout [Value], _ convert: (UnsafePointer<redisReply>) throws -> Value
    ) throws {
        while true {
            var reply: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw malformed() }
            guard let reply else { return }
            defer { freeReplyObject(reply) }
            unfinishedBytes = 0
            values.append(try convert(UnsafePointer(reply.assumingMemoryBound(to: redisReply.self))))
        }
    }

    private func malformed() -> RedisError {
        let text = withUnsafeBytes(of: &reader.pointee.errstr) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return .malformedReply(text)
    }
}

extension RedisReply {
    /// A copy of what hiredis has read.
    init(_ reply: UnsafePointer<redisReply>) throws {
        let reply = reply.pointee
        switch reply.type {
        case REDIS_REPLY_STATUS: self = .simpleString(reply.string)
        case REDIS_REPLY_ERROR: self = .error(reply.string)
        case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
        case REDIS_REPLY_STRING: self = .bulk(ByteBuffer(bytes: reply.bytes))
        case REDIS_REPLY_NIL: self = .null
        case REDIS_REPLY_ARRAY:
            self = .array(
                try (0..<reply.elements).map { index in
                    guard let element = reply.element?[index] else { throw RedisError.malformedReply("a hole") }
                    return try RedisReply(element)
                }
            )
        case let type: throw RedisError.malformedReply("unknown type \(type)")
        }
    }
}

extension redisReply {
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: str, count: len) }

    var string: String { String(decoding: bytes, as: UTF8.self) }
}
