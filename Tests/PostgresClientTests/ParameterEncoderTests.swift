import Testing

@testable import PostgresClient

@Suite struct ParameterEncoderTests {
    private func bytes(_ value: PostgresValue) throws -> [UInt8]? {
        let encoder = ParameterEncoder(capacity: 1)
        try encoder.encode([.text("before"), value, .text("after")])
        let length = Int(encoder.lengths[1])
        return encoder.withPointers { pointers in
            pointers[1].map { Array(UnsafeRawBufferPointer(start: $0, count: length)) }
        }
    }

    @Test func theBytesOfEachType() throws {
        #expect(try bytes(.bool(true)) == [1])
        #expect(try bytes(.int64(-2)) == [255, 255, 255, 255, 255, 255, 255, 254])
        #expect(try bytes(.text("ä")) == [0xC3, 0xA4])
        #expect(try bytes(.text("")) == [])
        #expect(try bytes(.bytes([0, 1])) == [0, 1])
        #expect(try bytes(.timestamp(946_684_800_000_001)) == [0, 0, 0, 0, 0, 0, 0, 1])
        #expect(try bytes(.null) == nil)
        #expect(try bytes(.text(nil)) == nil)
        #expect(try bytes(.textArray([])) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25])
        #expect(
            try bytes(.textArray(["a", ""]))
                == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 97, 0, 0, 0, 0]
        )
        #expect(
            try bytes(.boolArray([false]))
                == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0]
        )
    }

    @Test func afterARefusalTheNextIsWhole() throws {
        let encoder = ParameterEncoder()
        #expect(throws: PostgresError.invalid("a text with U+0000")) { try encoder.encode([.int64(1), .text("\0")]) }
        try encoder.encode([.int64(3)])
        #expect(encoder.types == [20])
        #expect(encoder.lengths == [8])
    }

    @Test func tooManyParameters() {
        #expect(throws: PostgresError.self) {
            try ParameterEncoder().encode(Array(repeating: .null, count: ParameterEncoder.maxParameters + 1))
        }
    }
}
