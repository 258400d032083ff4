import Logging
import NIOHTTP1
import Synchronization

/// Whose word counts about a client's address.
///
/// A proxy appends the address that it was called from to `X-Forwarded-For`, or says it in `Forwarded` (RFC 7239). Anybody
/// can write the rest of both. So the hops are read from the right, from the socket's peer on, for as long as they are
/// trusted ones; the first that is not is the client.
final class TrustedProxies: Sendable {
    private let ranges: [ClientAddress.Range]
    private let logger: Logger
    private let hasWarned: Atomic<Bool>

    /// - Parameter warns: says once in the log that a header came from a peer that is not trusted.
    init(_ ranges: [ClientAddress.Range], logger: Logger, warns: Bool) {
        self.ranges = ranges
        self.logger = logger
        hasWarned = Atomic(!warns)
    }

    /// - Parameter peer: of the socket. It is the answer where it is not trusted, and where what it says is malformed.
    func client(of peer: ClientAddress, _ headers: HTTPHeaders) -> ClientAddress {
        guard isTrusted(peer) else {
            warnIfForwarded(peer, headers)
            return peer
        }
        guard let hops = Self.hops(headers) else { return peer }
        var client = peer
        for hop in hops.reversed() {
            guard let address = hop.flatMap(Self.address) else { return peer }
            client = address
            if !isTrusted(address) { return client }
        }
        return client
    }

    private func isTrusted(_ address: ClientAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// Limits of an address that all clients share are a trap, so it is said once.
    private func warnIfForwarded(_ peer: ClientAddress, _ headers: HTTPHeaders) {
        guard headers.contains(name: "x-forwarded-for"), !hasWarned.exchange(true, ordering: .relaxed) else { return }
        logger.warning(
            """
            a request came with X-Forwarded-For from a peer that is no trusted proxy: limits of an address go by the \
            peer's; if it is your balancer, give --trusted-proxies
            """,
            metadata: ["peer": "\(peer)"]
        )
    }

    /// The hops as they stand in the header, the nearest last; a nil is malformed. Nil if there is no header.
    private static func hops(_ headers: HTTPHeaders) -> [Substring?]? {
        if headers.contains(name: "x-forwarded-for") {
            return headers["x-forwarded-for"].flatMap { line -> [Substring?] in
                line.split(separator: ",", omittingEmptySubsequences: false)
            }
        }
        guard headers.contains(name: "forwarded") else { return nil }
        return headers["forwarded"].flatMap { unquotedSplit($0[...], ",") }.map(forwardedFor)
    }

    /// The `for` of one element of `Forwarded`.
    private static func forwardedFor(_ element: Substring) -> Substring? {
        for pair in unquotedSplit(element, ";") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, trimmed(parts[0]).lowercased() == "for" else { continue }
            let value = trimmed(parts[1])
            return value.count >= 2 && value.first == "\"" && value.last == "\"" ? value.dropFirst().dropLast() : value
        }
        return nil
    }

    private static func unquotedSplit(_ text: Substring, _ separator: Character) -> [Substring] {
        var isQuoted = false
        return text.split(omittingEmptySubsequences: false) { character in
            if character == "\"" { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isSpace)
        return start.dropLast(start.reversed().prefix(while: isSpace).count)
    }

    /// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
    private static func address(_ hop: Substring) -> ClientAddress? {
        let hop = trimmed(hop)
        if hop.first == "[" {
            guard let end = hop.firstIndex(of: "]") else { return nil }
            let rest = hop[hop.index(after: end)...]
            guard rest.isEmpty || isPort(rest) else { return nil }
            return ClientAddress(hop[hop.index(after: hop.startIndex)..<end])
        }
        if let colon = hop.firstIndex(of: ":"), hop.lastIndex(of: ":") == colon {
            return isPort(hop[colon...]) ? ClientAddress(hop[..<colon]) : nil
        }
        return ClientAddress(hop)
    }

    private static func isPort(_ text: Substring) -> Bool { text.first == ":" && UInt16(text.dropFirst()) != nil }
}
