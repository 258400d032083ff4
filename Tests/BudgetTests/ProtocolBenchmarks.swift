import ChatProtocol
import NIOCore

/// The wire alone: what a server does with each frame that a client sends, and once for each message.
let protocolBenchmarks = [
    Benchmark(name: "decode_send", summary: "read, unmask, check and decode a message_send", operations: 2000) {
        let frames = Inputs.messages.map { message in
            let send = ClientEvent.MessageSend(
                roomID: message.roomID, content: message.content, clientMessageID: message.clientMessageID)
            var buffer = ByteBuffer()
            buffer.writeMaskedTextFrame(maskingKey: 0x9E37_79B9) { ClientEvent.messageSend(send).encode(into: &$0) }
            return buffer
        }
        var assembler = WebSocketAssembler(role: .server)
        return { operations in
            var right = 0
            for index in 0..<operations {
                // Whoever read the socket holds the buffer as well, as NIO's pool of them does.
                assembler.feed(frames[index % frames.count])
                guard case .text(let payload)? = try assembler.next() else { continue }
                let event = try payload.withUnsafeReadableBytes { bytes in
                    isValidUTF8(bytes) ? try ClientEvent.decode(bytes) : nil
                }
                if case .messageSend(let send)? = event, send.content.utf8.count == 120 { right += 1 }
            }
            return right
        }
    },
    Benchmark(name: "encode_message", summary: "encode a message for the broker, and frame it", operations: 2000) {
        let messages = Inputs.messages
        return { operations in
            var right = 0
            for index in 0..<operations {
                let message = messages[index % messages.count]
                var payload = ByteBuffer()
                payload.reserveCapacity(256 + message.content.utf8.count)
                ServerEvent.message(message, trace: nil).encode(into: &payload)
                var frame = ByteBuffer()
                frame.reserveCapacity(payload.readableBytes + 8)
                frame.writeTextFrame { $0.writeMessagePayload(payload, trace: nil) }
                if frame.readableBytes > payload.readableBytes, payload.readableBytes > 120 { right += 1 }
            }
            return right
        }
    },
    Benchmark(name: "check_utf8_mixed", summary: "check 256 bytes of several scripts", operations: 2000) {
        let texts = (0..<Inputs.count).map { Inputs.text("мир \($0), 世界, 🌍 and more. ", bytes: 256) }
        return { operations in
            var right = 0
            for index in 0..<operations where texts[index % texts.count].withUnsafeBytes({ isValidUTF8($0) }) {
                right += 1
            }
            return right
        }
    },
]
