import Testing

@testable import LoadGen

@Suite struct CookieJarTests {
    @Test(arguments: [
        (["a=1"], "a=1"),
        ([" a = 1 ; Path=/; HttpOnly"], "a=1"),
        (["a=1", "b=2"], "a=1; b=2"),
        (["a=1", "b=2", "a=3"], "b=2; a=3"),
        (["a="], "a="),
        (["a=x=y"], "a=x=y"),
        (["a=1", "a=1; Max-Age=0"], nil),
        (["a=1", "a=2; max-age=60"], "a=2"),
        (["no cookie", "=1", "", ";"], nil),
    ])
    func keepsWhatWasSet(headers: [String], expected: String?) {
        var jar = CookieJar()
        for header in headers { jar.set(header) }
        #expect(jar.header == expected)
    }

    @Test func isBounded() {
        var jar = CookieJar()
        for number in 0..<100 { jar.set("c\(number)=x") }
        #expect(jar.header?.split(separator: ";").count == 16)
    }
}
