import ChatProtocol
import Testing

struct ClientEventTextTests {
    private func send(content: String, id: String = "m1") -> Result<ClientEvent, ProtocolError> {
        decode(#"{"event":"message_send","room_id":7,"content":"\#(content)","client_msg_id":"\#(id)"}"#)
    }

    private func content(_ literal: String) -> String? {
        guard case .success(.messageSend(let message)) = send(content: literal) else { return nil }
        return message.content
    }

    /// Lengths count scalars: neither bytes, nor UTF-16 units, nor what a reader takes for a character.
    @Test(arguments: [
        ("a", 4000), ("é", 4000), ("世", 4000), ("😀", 4000), ("e\u{301}", 2000), ("👩‍👧", 1333), (#"\n"#, 4000),
        (#"\u00e9"#, 4000),
        (#"\ud83d\ude00"#, 4000),
    ])
    func contentLength(unit: String, most: Int) {
        #expect(send(content: unit).error == nil)
        #expect(send(content: String(repeating: unit, count: most)).error == nil)
        let error = send(content: String(repeating: unit, count: most + 1)).error
        #expect(error?.code == .validationFailed)
        #expect(error?.message == "'content' must have 1 to 4000 characters")
        #expect(error?.clientMessageID == "m1")
    }

    @Test(arguments: [("a", 64), ("😀", 64), ("e\u{301}", 32), (#"\u0041"#, 64)])
    func clientMessageIDLength(unit: String, most: Int) {
        #expect(send(content: "a", id: String(repeating: unit, count: most)).error == nil)
        let error = send(content: "a", id: String(repeating: unit, count: most + 1)).error
        #expect(error?.code == .validationFailed)
    }

    @Test func emptyTexts() {
        #expect(send(content: "").error?.code == .validationFailed)
        #expect(send(content: "a", id: "").error?.code == .validationFailed)
        #expect(decode(#"{"event":"authenticate","token":""}"#).error?.code == .validationFailed)
    }

    @Test func tokenLength() {
        let longest = String(repeating: "t", count: 8192)
        #expect(decode(#"{"event":"authenticate","token":"\#(longest)"}"#) == .success(.authenticate(token: longest)))
        #expect(decode(#"{"event":"authenticate","token":"\#(longest)t"}"#).error?.code == .validationFailed)
    }

    @Test(arguments: [
        (#"\""#, "\""), (#"\\"#, "\\"), (#"\/"#, "/"), (#"\b"#, "\u{8}"), (#"\f"#, "\u{C}"), (#"\n"#, "\n"),
        (#"\r"#, "\r"),
        (#"\t"#, "\t"), (#"\u0041"#, "A"), (#"\u00E9"#, "é"), (#"\u00e9"#, "é"), (#"\u4e16"#, "世"),
        (#"\ufFfF"#, "\u{FFFF}"),
        (#"\u0001"#, "\u{1}"), (#"\ud83d\ude00"#, "😀"), (#"\uD83D\uDE00"#, "😀"), (#"\ud800\udc00"#, "\u{10000}"),
        (#"\udbff\udfff"#, "\u{10FFFF}"), (#"\ud7ff\ue000"#, "\u{D7FF}\u{E000}"), (#"a\nb\u0063d😀"#, "a\nbcd😀"),
        (#"12345678\n"#, "12345678\n"), ("\u{7F}\u{2028}", "\u{7F}\u{2028}"), (#"\\u0041"#, #"\u0041"#),
    ])
    func escapes(literal: String, text: String) throws {
        let content = try #require(self.content(literal))
        #expect(Array(content.unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test(arguments: [
        #"\ud800"#, #"\udbff"#, #"\udc00"#, #"\udfff"#, #"\ude00\ud83d"#, #"\ud83d\ud83d"#, #"\ud83dx"#, #"\ud83d\n"#,
        #"\ud83d\u0041"#, #"\ud83d\ud83d\ude00"#, #"\ud83d\ude00\ude00"#, #"ok \ud800 ok"#,
    ])
    func loneSurrogates(literal: String) {
        for error in [send(content: literal).error, send(content: "a", id: literal).error] {
            #expect(error?.code == .malformedJSON)
            #expect(error?.message.hasSuffix("holds a lone surrogate") == true)
            #expect(error?.roomID == 7)
        }
    }

    @Test(arguments: [#"\u0000"#, #"a\u0000b"#, #"\n\u0000"#])
    func refusesNUL(literal: String) {
        #expect(send(content: literal).error?.code == .validationFailed)
        #expect(decode(#"{"event":"join_room","room_id":1,"epoch":"\#(literal)"}"#).error?.code == .validationFailed)
    }

    @Test(arguments: [
        #"\x41"#, #"\u"#, #"\u004"#, #"\u00g0"#, #"\u+041"#, #"\U0041"#, #"\'"#, #"\ud83d\u12"#, #"\ud83d\x"#, "\n",
        "\t", "\u{0}",
        "\u{1F}", "1234567\u{1F}", "12345678\u{0}", #"\"#,
    ])
    func malformedStrings(literal: String) {
        #expect(send(content: literal).error?.code == .malformedJSON)
    }

    /// Whatever the scalar, at every place in the eight bytes that are read at once.
    @Test func controlCharactersAtEveryAlignment() {
        for scalar in 0..<0x20 {
            for offset in 0..<17 {
                let text = String(repeating: "a", count: offset) + String(Unicode.Scalar(UInt8(scalar))) + "bcdefghijk"
                #expect(send(content: text).error?.code == .malformedJSON)
            }
        }
    }
}
