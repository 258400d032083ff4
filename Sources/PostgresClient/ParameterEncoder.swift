/// Encodes the parameters of one statement at a time into one buffer, which it keeps for the next.
///
/// Formats: the `send` functions of the types in Postgres's source; of an array `array_send` in `arrayfuncs.c`.
final class ParameterEncoder {
    /// Postgres's `MaxAllocSize`: no value may be larger.
    static let maxValueBytes = 0x3FFF_FFFF
    /// The protocol counts parameters in 16 bits.
    static let maxParameters = 65_535
    /// What is kept when a statement is done.
    private static let keptBytes = 4 << 20

    private var buffer: UnsafeMutableRawBufferPointer
    private var count = 0
    private(set) var types: [UInt32] = []
    private(set) var lengths: [Int32] = []
    /// All 1: binary.
    private(set) var formats: [Int32] = []
    /// Where each value begins in the buffer; nil for NULL.
    private var offsets: [Int?] = []

    init(capacity: Int = 16 << 10) {
        buffer = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit {
        buffer.deallocate()
    }

    /// Replaces what was encoded before.
    /// - Throws: ``PostgresError/invalid(_:)`` for a text with a NUL, a time out of range, or too much.
    func encode(_ values: [PostgresValue]) throws(PostgresError) {
        count = 0
        types.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        if buffer.count > Self.keptBytes { resize(to: Self.keptBytes) }
        guard values.count <= Self.maxParameters else {
            throw .invalid("\(values.count) parameters; \(Self.maxParameters) are allowed")
        }
        for value in values {
            let start = count
            let isPresent = try append(value)
            guard count - start <= Self.maxValueBytes else {
                throw .invalid("parameter $\(types.count + 1) is larger than \(Self.maxValueBytes) bytes")
            }
            types.append(value.type.rawValue)
            lengths.append(Int32(count - start))
            formats.append(1)
            offsets.append(isPresent ? start : nil)
        }
    }

    /// The values as libpq wants them; valid during the call.
    func withPointers<R>(_ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R) -> R {
        let base = UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped).assumingMemoryBound(to: CChar.self)
        return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: offsets.count + 1) { pointers in
            for (index, offset) in offsets.enumerated() {
                pointers.initializeElement(at: index, to: offset.map { base + $0 })
            }
            // One more, so that a statement without parameters has an address to give.
            pointers.initializeElement(at: offsets.count, to: nil)
            return body(UnsafePointer(pointers.baseAddress.unsafelyUnwrapped))
        }
    }

    /// - Returns: false for NULL.
    private func append(_ value: PostgresValue) throws(PostgresError) -> Bool {
        switch value {
        case .null, .bool(nil), .int64(nil), .text(nil), .bytes(nil), .timestamp(nil), .boolArray(nil),
            .int64Array(nil), .textArray(nil), .bytesArray(nil), .timestampArray(nil):
            return false
        case .bool(let value?): append(byte: value ? 1 : 0)
        case .int64(let value?): append(value)
        case .text(let value?): try append(text: value)
        case .bytes(let value?): append(bytes: value)
        case .timestamp(let value?): append(try Self.ticks(value))
        case .boolArray(let values?):
            appendArrayHeader(.bool, count: values.count)
            for value in values {
                append(Int32(1))
                append(byte: value ? 1 : 0)
            }
        case .int64Array(let values?):
            appendArrayHeader(.int8, count: values.count)
            for value in values {
                append(Int32(8))
                append(value)
            }
        case .timestampArray(let values?):
            appendArrayHeader(.timestamptz, count: values.count)
            for value in values {
                append(Int32(8))
                append(try Self.ticks(value))
            }
        case .textArray(let values?):
            appendArrayHeader(.text, count: values.count)
            for value in values {
                try checkSize(value.utf8.count)
                append(Int32(value.utf8.count))
                try append(text: value)
            }
        case .bytesArray(let values?):
            appendArrayHeader(.bytea, count: values.count)
            for value in values {
                try checkSize(value.count)
                append(Int32(value.count))
                append(bytes: value)
            }
        }
        return true
    }

    private func checkSize(_ bytes: Int) throws(PostgresError) {
        guard bytes <= Self.maxValueBytes else {
            throw .invalid("an element of \(bytes) bytes; \(Self.maxValueBytes) are allowed")
        }
    }

    private static func ticks(_ unix: Int64) throws(PostgresError) -> Int64 {
        guard let ticks = PostgresTime.encode(unix: unix) else {
            throw .invalid("the time \(unix) us is out of range")
        }
        return ticks
    }

    /// Dimensions, has-NULLs, element type; then length and lower bound of the one dimension, if it has elements.
    private func appendArrayHeader(_ type: PostgresType, count: Int) {
        append(Int32(count == 0 ? 0 : 1))
        append(Int32(0))
        append(type.rawValue)
        guard count > 0 else { return }
        append(Int32(count))
        append(Int32(1))
    }

    private func append(byte: UInt8) {
        reserve(1)
        buffer[count] = byte
        count += 1
    }

    private func append<I: FixedWidthInteger>(_ value: I) {
        let size = MemoryLayout<I>.size
        reserve(size)
        buffer.storeBytes(of: value.bigEndian, toByteOffset: count, as: I.self)
        count += size
    }

    private func append(text: String) throws(PostgresError) {
        var text = text
        let hasNUL = text.withUTF8 { bytes in
            append(bytes: bytes)
            return bytes.contains(0)
        }
        if hasNUL { throw .invalid("a text with U+0000") }
    }

    private func append(bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append(bytes: $0) }
    }

    private func append(bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count > 0 else { return }
        reserve(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: UnsafeRawBufferPointer(bytes))
        count += bytes.count
    }

    private func reserve(_ bytes: Int) {
        guard count + bytes > buffer.count else { return }
        resize(to: max(buffer.count * 2, count + bytes))
    }

    private func resize(to size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<min(count, size)]))
        buffer.deallocate()
        buffer = larger
    }
}
