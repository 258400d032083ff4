import ChatProtocol
import Testing

struct JSONScannerTests {
    private func roomID(_ number: String) -> Result<ClientEvent, ProtocolError> {
        decode(#"{"event":"typing","room_id":\#(number)}"#)
    }

    @Test(arguments: [
        ("0", 0), ("7", 7), ("-7", -7), ("10", 10), ("1234567890123", 1_234_567_890_123),
        ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("-9223372036854775807", -Int64.max),
    ])
    func integers(text: String, value: Int64) {
        #expect(roomID(text) == .success(.typing(roomID: value)))
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999999", "1e3", "1E3",
        "1.0",
        "-0", "-0.0", "0e0", "1e400", "0.10", "1e+3", "1e-3",
    ])
    func numbersThatAreNoInteger(text: String) {
        #expect(roomID(text).error?.message == "'room_id' must be an integer, not a number")
    }

    @Test(arguments: [
        "01", "-01", "00", "+1", "-", "1.", ".5", "-.5", "1e", "1e+", "1.e3", "0x10", "1_000", "1,000", "--1", "1-",
        "1a", "٣",
        "1e3.5",
    ])
    func numbersThatAreNoJSON(text: String) {
        #expect(roomID(text).error?.code == .malformedJSON)
    }

    private func nested(_ open: String, _ middle: String, _ close: String, _ depth: Int) -> String {
        let value = String(repeating: open, count: depth) + middle + String(repeating: close, count: depth)
        return #"{"event":"ping","x":\#(value)}"#
    }

    /// What nobody reads may be as deep as it likes, and must be balanced all the same.
    @Test(arguments: [("[", "", "]"), (#"{"a":"#, "1", "}"), (#"[{"a":"#, "[]", "}]"), ("[ ", "{}", " ]")])
    func depth(open: String, middle: String, close: String) {
        for depth in [1, 31, 32, 62, 63, 64, 65, 127, 128, 129, 191, 192, 193, 3000] {
            let text = nested(open, middle, close, depth)
            #expect(decode(text) == .success(.ping(t: nil)), "\(depth)")
            let wrong = text.replacing(middle.isEmpty ? "[]" : middle + close.prefix(1), with: "]}", maxReplacements: 1)
            #expect(decode(wrong).error?.code == .malformedJSON, "\(depth)")
            #expect(decode(String(text.dropLast(2)) + "}").error?.code == .malformedJSON, "\(depth)")
        }
    }

    @Test(arguments: ["[", "{", #"{"a":"#, "[[]", "{\"a\":[", "\"", "\\", "0", "[1,", " ", "[\"]"])
    func largeGarbage(unit: String) {
        let garbage = String(repeating: unit, count: 60_000 / unit.utf8.count)
        #expect(decode(garbage).error?.code == .malformedJSON)
        #expect(decode(#"{"event":"ping","x":"# + garbage).error?.code == .malformedJSON)
    }

    @Test(arguments: [
        "[1 2]", "[1,,2]", "[,1]", "[1}", #"{"a":1]"#, #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{1:2}"#, "{a:1}", "[tru]",
        "[01]",
        #"["\x"]"#, #"{"a":1 "b":2}"#, #"{"a":1,2}"#, "]", "[\"\u{1}\"]", #"{"a" 1}"#, "[[1]", "[nul", "{\"a\":[}]",
    ])
    func nestedGarbage(value: String) {
        #expect(decode(#"{"event":"ping","x":\#(value)}"#).error?.code == .malformedJSON)
    }

    @Test(arguments: [
        "[]", "{}", "[ ]", "{ }", "[[],[]]", #"{"a":{},"b":[]}"#, #"[1,-2.5e3,"x\u00e9",true,false,null]"#,
        #"{"a":1,"a":2}"#, #"["}","]",{"]":"["}]"#, " [\n1 ,\t2\r] ", #"{"a" : [ { "b" : null } , 1 ] }"#,
        #"["\ud800"]"#,
    ])
    func nestedValues(value: String) {
        #expect(decode(#"{"event":"ping","x":\#(value)}"#) == .success(.ping(t: nil)))
    }

    @Test func failureNamesItsPlace() {
        #expect(decode(#"{"event":"ping"} x"#).error?.message == "not JSON: text after the object at byte 17")
        #expect(decode("nothing").error?.message == "not JSON: unexpected word at byte 0")
    }

    @Test func manyUnknownMembers() {
        let members = (0..<5000).map { #""k\#($0)":0"# }.joined(separator: ",")
        #expect(decode(#"{\#(members),"event":"ping"}"#) == .success(.ping(t: nil)))
        #expect(decode(#"{\#(members),"event":"ping","k4999":0}"#).error?.message == "duplicate key 'k4999'")
    }
}
