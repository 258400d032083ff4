import Testing

@testable import LoadGen

@Suite struct MarkupTests {
    @Test func interpolatedTextIsEscaped() {
        let name = "<script>alert('1')</script> & \"x\""
        let markup: Markup = "<p title=\"\(name)\">\(name)</p>"
        let escaped = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;"
        #expect(markup.text == "<p title=\"\(escaped)\">\(escaped)</p>")
    }

    @Test func markupGoesInAsItIs() {
        let inner: Markup = "<b>\("a<b")</b>"
        let outer: Markup = "<p>\(inner)</p>"
        #expect(outer.text == "<p><b>a&lt;b</b></p>")
        #expect([inner, inner].joined(separator: ", ").text == "<b>a&lt;b</b>, <b>a&lt;b</b>")
    }

    /// XML forbids them, and a name could disguise itself with them.
    @Test func controlAndDirectionCharactersAreReplaced() {
        #expect(Markup.escaped("a\u{0}b\u{1B}[31m\u{202E}c\u{FFFF}") == "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}c\u{FFFD}")
        #expect(Markup.escaped("a\n\tb") == "a\n\tb")
    }

    @Test(arguments: [
        (0.0, "0"), (12.04, "12"), (12.06, "12.1"), (-0.04, "0"), (-0.26, "-0.3"), (.nan, "0"), (.infinity, "0"),
        (1e300, "0"),
    ])
    func coordinatesHaveOneDecimal(value: Double, expected: String) {
        #expect(Markup.coordinate(value) == expected)
    }

    /// FIPS 180-4's own examples, and both sides of the padding's edges.
    @Test(arguments: [
        ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE="
        ),
        (String(repeating: "a", count: 55), "n0OQ+NMMLdkuyfCVtl4rmumwqSWlJY4kHJ8ekQ9zQxg="),
        (String(repeating: "a", count: 64), "/+BU/nrgy23GXDr5th1SCfQ5hR20PQulmXM33xVGaOs="),
    ])
    func hashesAsTheStandardDoes(text: String, digest: String) {
        #expect(InlineHash.source(text) == "'sha256-\(digest)'")
    }
}
