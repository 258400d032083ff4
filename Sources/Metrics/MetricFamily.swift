/// The kind of a metric family, as its TYPE line names it.
package enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

/// The metrics that share a name, a kind and a help text, and differ in their labels.
struct MetricFamily: Sendable {
    /// The name without a counter's `_total`: what OpenMetrics calls the family.
    let name: String
    let kind: MetricKind
    /// A histogram's shape; nil for the other kinds.
    let shape: HistogramShape?
    /// HELP and TYPE, with their newlines.
    let header: FormattedText
    /// In the order of registration.
    var series: [MetricSeries] = []

    init(name: String, kind: MetricKind, help: String, shape: HistogramShape?) {
        self.name = name
        self.kind = kind
        self.shape = shape
        self.header = FormattedText { format in
            let shown = kind == .counter && format == .prometheus ? name + "_total" : name
            return [
                "# HELP \(shown) \(MetricText.escapedHelp(help, format: format))\n# TYPE \(shown) \(kind.rawValue)\n"
            ]
        }
    }

    /// Every name that a sample of this family can have, and the family's own: no other family may use one of them.
    var reservedNames: [String] {
        switch self.kind {
        case .counter: [self.name, self.name + "_total", self.name + "_created"]
        case .gauge: [self.name]
        case .histogram: ["", "_bucket", "_count", "_sum", "_created"].map { self.name + $0 }
        }
    }
}

/// A histogram family's scale (nil: fractions, from swift-metrics) and its bounds.
struct HistogramShape: Sendable, Equatable {
    let scale: HistogramScale?
    let bounds: [Double]
}

/// One member of a family: its labels, and where its value comes from.
struct MetricSeries: Sendable {
    /// The rendered labels, which also tell the series of a family apart.
    let labels: String
    var cell: MetricCell
    /// Made by swift-metrics, whose `destroy()` may then take it away again.
    let fromFacade: Bool
    /// The head of each line (`name{labels} `), in the order in which the values are written.
    let lines: FormattedText

    init(family: MetricFamily, labels: String, cell: MetricCell, fromFacade: Bool) {
        self.labels = labels
        self.cell = cell
        self.fromFacade = fromFacade
        let braced = labels.isEmpty ? "" : "{\(labels)}"
        switch family.kind {
        case .counter: self.lines = FormattedText { _ in ["\(family.name)_total\(braced) "] }
        case .gauge: self.lines = FormattedText { _ in ["\(family.name)\(braced) "] }
        case .histogram:
            let bounds = (family.shape?.bounds ?? []) + [.infinity]
            let separator = labels.isEmpty ? "" : ","
            self.lines = FormattedText { format in
                bounds.map { bound in
                    let limit = MetricText.bound(bound, format: format)
                    return "\(family.name)_bucket{\(labels)\(separator)le=\"\(limit)\"} "
                } + ["\(family.name)_sum\(braced) ", "\(family.name)_count\(braced) "]
            }
        }
    }
}

/// Where a series' value comes from.
enum MetricCell: Sendable {
    case counter(CounterCell)
    case floatCounter(FloatCounterCell)
    case gauge(GaugeCell)
    case histogram(HistogramCell)
    case floatHistogram(FloatHistogramCell)
    case sampled(@Sendable () -> Double)

    /// The object behind it; nil for a closure.
    var object: AnyObject? {
        switch self {
        case .counter(let cell): cell
        case .floatCounter(let cell): cell
        case .gauge(let cell): cell
        case .histogram(let cell): cell
        case .floatHistogram(let cell): cell
        case .sampled: nil
        }
    }
}

/// Pieces of text as bytes, made once for each format.
struct FormattedText: Sendable {
    private let prometheus: [[UInt8]]
    private let openMetrics: [[UInt8]]

    init(_ make: (ExpositionFormat) -> [String]) {
        self.prometheus = make(.prometheus).map { Array($0.utf8) }
        let openMetrics = make(.openMetrics).map { Array($0.utf8) }
        // Most texts are the same in both; then the two arrays share their storage.
        self.openMetrics = openMetrics == self.prometheus ? self.prometheus : openMetrics
    }

    subscript(format: ExpositionFormat) -> [[UInt8]] {
        format == .prometheus ? self.prometheus : self.openMetrics
    }
}
