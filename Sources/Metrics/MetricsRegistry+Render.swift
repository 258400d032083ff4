extension MetricsRegistry {
    /// All metrics as a scrape, families sorted by name; UTF-8, to be sent with `format.contentType`.
    ///
    /// The closures of sampled metrics run here, without the registry's lock.
    package func render(_ format: ExpositionFormat) -> [UInt8] {
        let families = self.state.withLock { $0.sortedFamilies }
        var output: [UInt8] = []
        output.reserveCapacity(32 * 1024)
        for family in families {
            for line in family.header[format] { output += line }
            for series in family.series { series.render(format, into: &output) }
        }
        if format == .openMetrics { output += "# EOF\n".utf8 }
        return output
    }
}

extension MetricSeries {
    fileprivate func render(_ format: ExpositionFormat, into output: inout [UInt8]) {
        let lines = self.lines[format]
        switch self.cell {
        case .counter(let cell): output.appendSample(lines[0], String(cell.value))
        case .floatCounter(let cell): output.appendSample(lines[0], MetricText.number(cell.value))
        case .gauge(let cell): output.appendSample(lines[0], MetricText.number(cell.value))
        case .sampled(let read): output.appendSample(lines[0], MetricText.number(read()))
        case .histogram(let cell):
            output.appendHistogram(lines, counts: cell.cumulativeCounts, sum: cell.sum)
        case .floatHistogram(let cell):
            output.appendHistogram(lines, counts: cell.cumulativeCounts, sum: cell.sum)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendSample(_ head: [UInt8], _ value: String) {
        self += head
        self += value.utf8
        self.append(UInt8(ascii: "\n"))
    }

    /// `lines`: one for each of `counts`, then `_sum`, then `_count`.
    fileprivate mutating func appendHistogram(_ lines: [[UInt8]], counts: [Int64], sum: Double) {
        for (line, count) in zip(lines, counts) { self.appendSample(line, String(count)) }
        self.appendSample(lines[counts.count], MetricText.number(sum))
        // The last cumulative count, not one read anew: +Inf and _count must agree within a scrape.
        self.appendSample(lines[counts.count + 1], String(counts.last ?? 0))
    }
}
