#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

extension LatencyHistogram {
    /// The percentile distribution as text, values in milliseconds: what HdrHistogram's plotters read, and the same
    /// rows as its Java original writes, with five ticks a half-distance. Values have six decimals, a nanosecond.
    package func hgrm() -> String {
        var text = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
        // How far the next row is from 0 %, in per cent. Each time the distance to 100 % halves, so does the step.
        var level = 0.0
        var seen: UInt64 = 0
        self.forEachBucket { highest, count in
            seen += count
            while level < 100, 100 * Double(seen) / Double(self.count) >= level {
                let share = level / 100
                let value = milliseconds(Swift.min(highest, self.max))
                text += "\(value) \(fixed(share, decimals: 12)) \(padded(String(seen), to: 10)) "
                text += padded(fixed(1 / (1 - share), decimals: 2), to: 14) + "\n"
                level += 100 / (5 * exp2((log2(100 / (100 - level))).rounded(.down) + 1))
                if seen == self.count { break }
            }
            return true
        }
        if self.count > 0 {
            text += "\(milliseconds(self.max)) \(fixed(1, decimals: 12)) \(padded(String(self.count), to: 10))\n"
        }
        let mean = padded(fixed(self.mean / 1e6, decimals: 6), to: 12)
        let deviation = padded(fixed(self.standardDeviation / 1e6, decimals: 6), to: 12)
        text += "#[Mean    = \(mean), StdDeviation   = \(deviation)]\n"
        text += "#[Max     = \(milliseconds(self.max)), Total count    = \(padded(String(self.count), to: 12))]\n"
        text += "#[Buckets = \(padded("32", to: 12)), SubBuckets     = \(padded("2048", to: 12))]\n"
        return text
    }

    /// Nanoseconds; from the buckets' upper ends, so to within the histogram's resolution.
    private var standardDeviation: Double {
        guard self.count > 0 else { return 0 }
        let mean = self.mean
        var squares = 0.0
        self.forEachBucket { highest, count in
            let distance = Double(Swift.min(highest, self.max)) - mean
            squares += distance * distance * Double(count)
            return true
        }
        return (squares / Double(self.count)).squareRoot()
    }
}

private func milliseconds(_ nanoseconds: Int64) -> String {
    let fraction = String(nanoseconds % 1_000_000)
    let zeros = String(repeating: "0", count: 6 - fraction.count)
    return padded("\(nanoseconds / 1_000_000).\(zeros)\(fraction)", to: 12)
}

/// `value`, at least 0 and below 10¹⁵, rounded to some decimals.
private func fixed(_ value: Double, decimals: Int) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
        let length = withVaList([Int32(decimals), value]) { vsnprintf(buffer.baseAddress, 64, "%.*f", $0) }
        return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

private func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - text.utf8.count)) + text
}
