import ChatProtocol
import NIOCore

/// The hot paths of the protocol: what a load client does for each delivery, and a server for each message.
func protocolBenchmarks(_ inputs: Inputs) -> [Benchmark] {
    receiving(inputs) + sending(inputs) + bytes()
}

private func receiving(_ inputs: Inputs) -> [Benchmark] {
    let frames = inputs.messageFrames
    let sends = inputs.sendPayloads
    let masked = inputs.sendFrames
    return [
        Benchmark(name: "frame_head", summary: "read a message's frame head") { iterations in
            sum(iterations, over: frames) { frame in
                (try? WebSocketFrameHead.read(frame, role: .client, maxPayload: Limits.maxFrameBytes))?
                    .payloadLength ?? 0
            }
        },
        Benchmark(name: "message_view", summary: "read a message event as a load client does") { iterations in
            sum(iterations, over: frames) { frame in
                view(UnsafeRawBufferPointer(rebasing: frame[4...]))
            }
        },
        Benchmark(name: "message_frame_view", summary: "frame head and message event") { iterations in
            sum(iterations, over: frames) { frame in
                let head = try? WebSocketFrameHead.read(frame, role: .client, maxPayload: Limits.maxFrameBytes)
                guard let head else { return 0 }
                return view(UnsafeRawBufferPointer(rebasing: frame[head.headLength..<head.totalLength]))
            }
        },
        Benchmark(name: "send_decode", summary: "decode a message_send event") { iterations in
            sum(iterations, over: sends) { decodedLength($0) }
        },
        Benchmark(name: "send_receive", summary: "assemble, unmask, check and decode a message_send") { iterations in
            var assembler = WebSocketAssembler(role: .server)
            var total = 0
            for index in 0..<iterations {
                assembler.feed(masked[index % masked.count])
                guard case .text(let payload)? = try? assembler.next() else { continue }
                total &+= payload.withUnsafeReadableBytes { isValidUTF8($0) ? decodedLength($0) : 0 }
            }
            return total
        },
    ]
}

private func sending(_ inputs: Inputs) -> [Benchmark] {
    let messages = inputs.messages
    let sends = inputs.sends
    return [
        Benchmark(name: "message_encode", summary: "encode a message frame into a buffer in use") { iterations in
            var buffer = ByteBuffer()
            return sum(iterations) { index in
                buffer.clear()
                ServerEvent.message(messages[index % messages.count], trace: nil).encodeFrame(into: &buffer)
                return buffer.readableBytes
            }
        },
        Benchmark(name: "send_encode", summary: "encode a masked message_send frame") { iterations in
            var buffer = ByteBuffer()
            return sum(iterations) { index in
                buffer.clear()
                buffer.writeMaskedTextFrame(maskingKey: UInt32(truncatingIfNeeded: index)) {
                    sends[index % sends.count].encode(into: &$0)
                }
                return buffer.readableBytes
            }
        },
    ]
}

private func bytes() -> [Benchmark] {
    let ascii = Array(repeating: Inputs.text("plain text of a chat. ", bytes: 256), count: Inputs.count)
    let mixed = Array(repeating: Inputs.text("мир, 世界, 🌍 and more. ", bytes: 256), count: Inputs.count)
    return [
        Benchmark(name: "mask_256", summary: "mask 256 bytes") { iterations in
            var bytes = ascii[0]
            return bytes.withUnsafeMutableBytes { bytes in
                sum(iterations) { index in
                    applyWebSocketMask(UInt32(truncatingIfNeeded: index), to: bytes)
                    return Int(bytes[index & 255])
                }
            }
        },
        Benchmark(name: "utf8_256_ascii", summary: "check 256 bytes of ASCII") { iterations in
            sum(iterations, over: ascii) { isValidUTF8($0) ? 1 : 0 }
        },
        Benchmark(name: "utf8_256_mixed", summary: "check 256 bytes of several scripts") { iterations in
            sum(iterations, over: mixed) { isValidUTF8($0) ? 1 : 0 }
        },
    ]
}

private func view(_ payload: UnsafeRawBufferPointer) -> Int {
    guard let view = try? ServerEventView(payload), view.kind == .message else { return 0 }
    return Int(view.roomID) &+ Int(view.seq) &+ (view.content?.range.count ?? 0)
}

private func decodedLength(_ payload: UnsafeRawBufferPointer) -> Int {
    guard case .messageSend(let send)? = try? ClientEvent.decode(payload) else { return 0 }
    return send.content.utf8.count
}

@inline(__always)
private func sum(_ iterations: Int, _ operation: (Int) -> Int) -> Int {
    var total = 0
    for index in 0..<iterations { total &+= operation(index) }
    return total
}

@inline(__always)
private func sum(_ iterations: Int, over inputs: [[UInt8]], _ operation: (UnsafeRawBufferPointer) -> Int) -> Int {
    sum(iterations) { index in inputs[index % inputs.count].withUnsafeBytes(operation) }
}
