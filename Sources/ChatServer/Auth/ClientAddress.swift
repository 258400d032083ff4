import Glibc
import NIOCore

/// An IP address: what limits of an address go by, and what the log shows.
struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    /// The 16 bytes of an IPv6 address, in network order. IPv4 is mapped into it (RFC 4291 section 2.5.5.2).
    private let high: UInt64
    private let low: UInt64

    /// Of a socket that has none.
    static let unknown = ClientAddress(high: 0, low: 0)

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Returns: nil for what is no address; names are not looked up.
    init?(_ text: some StringProtocol) {
        let text = String(text)
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(high: 0, low: 0xFFFF << 32 | UInt64(UInt32(bigEndian: v4.s_addr)))
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            let bytes = withUnsafeBytes(of: v6) { Array($0) }
            self.init(high: Self.number(bytes[..<8]), low: Self.number(bytes[8...]))
        } else {
            return nil
        }
    }

    init(_ address: SocketAddress?) {
        self = address?.ipAddress.flatMap { ClientAddress($0) } ?? .unknown
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    private var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// What one client can be taken to have: an IPv4 address, or 64 bits of an IPv6 network, of which it has all addresses.
    var network: ClientAddress { isIPv4 ? self : ClientAddress(high: high, low: 0) }

    /// - Parameter bits: 0 to 128, of the IPv6 form.
    fileprivate func prefix(_ bits: Int) -> ClientAddress {
        ClientAddress(
            high: bits >= 64 ? high : bits == 0 ? 0 : high & ~0 << UInt64(64 - bits),
            low: bits <= 64 ? 0 : bits >= 128 ? low : low & ~0 << UInt64(128 - bits)
        )
    }

    var description: String {
        if self == .unknown { return "?" }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if isIPv4 {
            var address = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
            inet_ntop(AF_INET, &address, &buffer, socklen_t(buffer.count))
        } else {
            var address = (high.bigEndian, low.bigEndian)
            inet_ntop(AF_INET6, &address, &buffer, socklen_t(buffer.count))
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Addresses that begin with the same bits: `10.0.0.0/8`, `fd00::/8`, or a single address.
    struct Range: Equatable, Sendable {
        private let base: ClientAddress
        private let bits: Int

        init?(_ text: some StringProtocol) {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, let address = ClientAddress(first) else { return nil }
            let isIPv4 = !first.contains(":")
            var bits = 128
            if parts.count == 2 {
                guard let given = Int(parts[1]), (0...(isIPv4 ? 32 : 128)).contains(given) else { return nil }
                bits = isIPv4 ? 96 + given : given
            }
            self.bits = bits
            base = address.prefix(bits)
        }

        func contains(_ address: ClientAddress) -> Bool { address.prefix(bits) == base }
    }
}
