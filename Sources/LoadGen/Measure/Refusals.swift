/// Messages that were planned and never stored: refused for good by the server, or without a connection until the end.
///
/// A few are a server's right, and the summary tells their number. Many are no pass: whoever wrote them was not served.
struct Refusals: Sendable, Equatable {
    /// The part of the planned messages that may be refused.
    static let tolerable = 0.001

    var count: Int
    var offered: Int

    /// How many of them count as unacked: none, or all.
    var unacked: Int { Double(count) > Double(offered) * Self.tolerable ? count : 0 }

    var details: [String] {
        guard unacked > 0 else { return [] }
        return [
            "\(Format.count(count)) of \(Format.count(offered)) messages were refused or found no connection: more than"
                + " \(Format.percent(Self.tolerable)), so they count as unacked"
        ]
    }
}
