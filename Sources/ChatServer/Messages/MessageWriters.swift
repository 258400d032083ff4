import ChatProtocol

/// The writers of this instance: a room always meets the same one.
struct MessageWriters: Sendable {
    let writers: [MessageWriter]

    func writer(for roomID: RoomID) -> MessageWriter {
        // Room ids are sequential; Fibonacci hashing spreads them evenly over any count (Knuth, TAOCP 3, 6.4).
        let hash = UInt64(bitPattern: roomID) &* 0x9E37_79B9_7F4A_7C15
        return writers[Int(hash >> 32) % writers.count]
    }

    func run() async {
        await withTaskGroup { group in
            for writer in writers { group.addTask { await writer.run() } }
        }
    }

    func close() { for writer in writers { writer.close() } }

    var areIdle: Bool { writers.allSatisfy(\.isIdle) }
}
