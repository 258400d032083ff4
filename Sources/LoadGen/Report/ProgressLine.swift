import Foundation

/// The state of a run at one instant, for the line that shows it while it goes on.
struct ProgressSnapshot: Sendable, Equatable {
    /// Seconds since the start, and of the whole run.
    var elapsed: Double = 0
    var total: Double = 0
    var phase = ""
    var connected = 0
    var clients = 0
    /// Messages a second, over the last interval.
    var offeredRate: Double = 0
    var sentRate: Double = 0
    var ackedRate: Double = 0
    var deliveredRate: Double = 0
    /// Delivery latency and generator lag over the last interval, in nanoseconds.
    var p50: Int64 = 0
    var p99: Int64 = 0
    var lagP99: Int64 = 0
    var errors = 0
    var violations = 0
}

/// A run's progress in one line.
enum ProgressLine {
    private static let barLength = 10

    /// On a terminal: a line of `width` − 1 columns, padded so that it covers the one before it; the caller writes
    /// `\r` in front. (The last column is left free, because some terminals wrap as soon as it is filled.) Elsewhere:
    /// a whole line with every figure under its name, for logs.
    static func render(_ snapshot: ProgressSnapshot, tty: Bool, color: Bool, width: Int) -> String {
        tty ? terminal(snapshot, palette: Palette(color: color), width: max(0, width - 1)) : plain(snapshot)
    }

    private static func plain(_ s: ProgressSnapshot) -> String {
        let pairs: [(String, String)] = [
            ("phase", Format.printable(s.phase)),
            ("clients", "\(s.connected)/\(s.clients)"),
            ("offered", Format.rate(s.offeredRate)),
            ("sent", Format.rate(s.sentRate)),
            ("acked", Format.rate(s.ackedRate)),
            ("delivered", Format.rate(s.deliveredRate)),
            ("p50", compact(s.p50)),
            ("p99", compact(s.p99)),
            ("lag_p99", compact(s.lagP99)),
            ("errors", "\(s.errors)"),
            ("violations", "\(s.violations)"),
        ]
        return "[\(clock(s.elapsed))/\(clock(s.total))] " + pairs.map { "\($0)=\($1)" }.joined(separator: " ")
    }

    private struct Field: Sendable {
        let text: String
        var style: Palette.Style?
        /// Fields of a higher number go first when the line is too long.
        var rank = 0
    }

    private static func terminal(_ s: ProgressSnapshot, palette: Palette, width: Int) -> String {
        let phase = Format.truncated(Format.printable(s.phase), to: 16)
        var fields = [
            Field(text: phase, style: .bold),
            Field(text: bar(s), style: .dim, rank: 4),
            Field(text: "\(clock(s.elapsed))/\(clock(s.total))"),
            Field(text: "\(Format.count(s.connected))/\(Format.count(s.clients)) clients", rank: 3),
            Field(text: "sent \(Format.rate(s.sentRate)) of \(Format.rate(s.offeredRate))", rank: 5),
            Field(text: "ack \(Format.rate(s.ackedRate))", rank: 7),
            Field(text: "dlv \(Format.rate(s.deliveredRate))", rank: 2),
            Field(text: "p50 \(compact(s.p50))", rank: 8),
            Field(text: "p99 \(compact(s.p99))", rank: 1),
            Field(text: "lag \(compact(s.lagP99))", rank: 6),
        ]
        // What is wrong stands there to the last; what is not wrong takes no room.
        if s.errors > 0 { fields.append(Field(text: "\(Format.count(s.errors)) errors", style: .yellow)) }
        if s.violations > 0 { fields.append(Field(text: "\(Format.count(s.violations)) VIOLATIONS", style: .red)) }

        func length() -> Int { fields.map(\.text.count).reduce(0, +) + 2 * (fields.count - 1) }
        while length() > width, let rank = fields.map(\.rank).max(), rank > 0 {
            fields.removeAll { $0.rank == rank }
        }
        guard length() <= width else {
            return Format.padded(Format.truncated(fields.map(\.text).joined(separator: "  "), to: width), to: width)
        }
        let line = fields.map { field in field.style.map { palette.paint(field.text, $0) } ?? field.text }
        return line.joined(separator: "  ") + String(repeating: " ", count: width - length())
    }

    private static func bar(_ s: ProgressSnapshot) -> String {
        let share = s.total > 0 ? s.elapsed / s.total : 0
        let filled = share.isFinite ? Int((min(1, max(0, share)) * Double(barLength)).rounded(.down)) : 0
        return String(repeating: "█", count: filled) + String(repeating: "░", count: barLength - filled)
    }

    /// A duration without its space: fields are told apart by theirs.
    private static func compact(_ nanoseconds: Int64) -> String {
        Format.duration(nanoseconds).replacing(" ", with: "")
    }

    private static func clock(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "--:--" }
        let whole = Int(seconds)
        let tail = String(format: "%02d:%02d", whole / 60 % 60, whole % 60)
        return whole < 3_600 ? tail : "\(whole / 3_600):\(tail)"
    }
}
