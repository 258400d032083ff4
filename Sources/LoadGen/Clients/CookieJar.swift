/// The cookies of one client with one server: name and value. Their attributes mean nothing here, but for the one that
/// takes a cookie back: a run is shorter than a cookie's life, and every request goes to the same host and path.
struct CookieJar: Sendable, Equatable {
    /// More is no balancer's: the rest is not kept.
    private static let limit = 16

    private var cookies: [(name: String, value: String)] = []

    /// Takes the value of a `Set-Cookie` header (RFC 6265 section 5.2). What is no cookie is ignored.
    mutating func set(_ header: String) {
        let parts = header.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        let pair = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2 else { return }
        let name = Self.trimmed(pair[0])
        guard !name.isEmpty else { return }
        cookies.removeAll { $0.name == name }
        let isTakenBack = parts.dropFirst().contains { attribute in
            let pair = attribute.split(separator: "=", maxSplits: 1).map(Self.trimmed)
            return pair.count == 2 && pair[0].lowercased() == "max-age" && (Int(pair[1]) ?? 1) <= 0
        }
        if !isTakenBack, cookies.count < Self.limit { cookies.append((name, Self.trimmed(pair[1]))) }
    }

    /// The value of the header `Cookie`; nil without cookies.
    var header: String? {
        cookies.isEmpty ? nil : cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    static func == (left: CookieJar, right: CookieJar) -> Bool { left.header == right.header }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        let start = text.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(start[...last])
    }
}
