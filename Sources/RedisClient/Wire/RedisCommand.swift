import NIOCore

/// One command as it goes over the wire: a RESP array of bulk strings. Its bytes may hold a password, so it has no
/// description.
package struct RedisCommand: Sendable {
    let bytes: ByteBuffer

    package init(_ words: String...) {
        self.init(words)
    }

    package init(_ words: [String]) {
        var bytes = ByteBuffer()
        bytes.writeRESPHead("*", words.count)
        for word in words { bytes.writeRESPBulk(word) }
        self.bytes = bytes
    }

    /// Many PUBLISH commands, one after the other.
    static func publish(_ batch: [RedisMessage]) -> ByteBuffer {
        let size = batch.reduce(0) { $0 + $1.payload.readableBytes + $1.channel.utf8.count + 48 }
        var bytes = ByteBufferAllocator().buffer(capacity: size)
        for message in batch {
            bytes.writeStaticString("*3\r\n$7\r\nPUBLISH\r\n")
            bytes.writeRESPBulk(message.channel)
            bytes.writeRESPBulk(message.payload)
        }
        return bytes
    }
}

/// What is published to a channel.
package struct RedisMessage: Equatable, Sendable {
    package var channel: String
    package var payload: ByteBuffer

    package init(channel: String, payload: ByteBuffer) {
        self.channel = channel
        self.payload = payload
    }
}

extension ByteBuffer {
    fileprivate mutating func writeRESPHead(_ kind: StaticString, _ count: Int) {
        writeStaticString(kind)
        writeString(String(count))
        writeStaticString("\r\n")
    }

    fileprivate mutating func writeRESPBulk(_ text: String) {
        writeRESPHead("$", text.utf8.count)
        writeString(text)
        writeStaticString("\r\n")
    }

    fileprivate mutating func writeRESPBulk(_ payload: ByteBuffer) {
        writeRESPHead("$", payload.readableBytes)
        writeImmutableBuffer(payload)
        writeStaticString("\r\n")
    }
}
