import ChatProtocol
import Foundation
import NIOCore

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

func decode(_ bytes: [UInt8]) -> Result<ClientEvent, ProtocolError> {
    bytes.withUnsafeBytes { bytes in
        Result { () throws(ProtocolError) in try ClientEvent.decode(bytes) }
    }
}

func decode(_ json: String) -> Result<ClientEvent, ProtocolError> { decode(Array(json.utf8)) }

extension Result {
    var value: Success? { if case .success(let value) = self { value } else { nil } }
    var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}

extension ClientEvent {
    var json: String {
        var buffer = ByteBuffer()
        encode(into: &buffer)
        return String(buffer: buffer)
    }
}

extension ServerEvent {
    var json: String {
        var buffer = ByteBuffer()
        encode(into: &buffer)
        return String(buffer: buffer)
    }
}

/// The members of a JSON object as Foundation reads them.
func foundationObject(_ json: String) throws -> NSDictionary? {
    try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary
}

/// Texts that need an escape, or look as if they did.
let awkwardTexts = [
    "", "plain", "\"", "\\", "\\\"", "a\"b", "back\\slash", "/", "\n\r\t\u{8}\u{C}", "\u{1}\u{1F}\u{7F}",
    "\u{80}\u{9F}",
    "\u{2028}\u{2029}", "é", "e\u{301}", "мир 世界", "🌍", "👩‍👩‍👧‍👦", "\u{10FFFF}", "a\u{FEFF}", "\u{FFFD}", "</script>",
    "1234567\"",
    "12345678\"", "123456789\\", "\\u0041",
]
