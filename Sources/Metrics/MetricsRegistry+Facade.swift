import Metrics

/// swift-metrics' backend: what libraries record appears in the same scrape.
///
/// Names and label names are brought into Prometheus' charset. A counter gets `_total`, a timer `_seconds` (it is
/// recorded in nanoseconds and shown as a histogram in seconds), an aggregating recorder is a histogram, any other
/// recorder and a meter are gauges. A label that asks for a name which another kind of metric has gets its kind as an
/// ending; if that is taken too, it records into nothing. A library's choice of names never stops the process.
extension MetricsRegistry: MetricsFactory {
    /// Powers of ten: nothing is known of what a library's recorder holds.
    private static let recorderBounds: [Double] = [0.001, 0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7]

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let cell = self.facade(.counter, label, dimensions) { .counter(CounterCell()) }
        if case .counter(let counter) = cell { return counter }
        if case .floatCounter(let counter) = cell { return counter }
        return CounterCell()
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let cell = self.facade(.counter, label, dimensions) { .floatCounter(FloatCounterCell()) }
        if case .floatCounter(let counter) = cell { return counter }
        return FloatCounterCell()
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.makeGauge(label, dimensions)
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return self.makeGauge(label, dimensions) }
        let shape = HistogramShape(scale: nil, bounds: Self.recorderBounds)
        let cell = self.facade(.histogram, label, dimensions, shape: shape) {
            .floatHistogram(FloatHistogramCell(bounds: shape.bounds))
        }
        if case .floatHistogram(let histogram) = cell { return histogram }
        return FloatHistogramCell(bounds: shape.bounds)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let shape = HistogramShape(scale: .seconds, bounds: ChatBuckets.seconds)
        let name = label.hasSuffix("seconds") ? label : label + "_seconds"
        let cell = self.facade(.histogram, name, dimensions, shape: shape) {
            .histogram(HistogramCell(scale: .seconds, bounds: shape.bounds))
        }
        if case .histogram(let histogram) = cell { return histogram }
        return HistogramCell(scale: .seconds, bounds: shape.bounds)
    }

    package func destroyCounter(_ handler: any CounterHandler) { self.remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { self.remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { self.removeGauge(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { self.remove(handler) }

    package func destroyRecorder(_ handler: any RecorderHandler) {
        if handler is GaugeHandler { self.removeGauge(handler) } else { self.remove(handler) }
    }

    private func makeGauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeHandler {
        let cell = self.facade(.gauge, label, dimensions) { .gauge(GaugeCell()) }
        if case .gauge(let gauge) = cell { return GaugeHandler(cell: gauge) }
        return GaugeHandler(cell: GaugeCell())
    }

    private func remove(_ handler: AnyObject) {
        self.state.withLock { $0.remove(handler) }
    }

    private func removeGauge(_ handler: AnyObject) {
        if let gauge = handler as? GaugeHandler { self.remove(gauge.cell) }
    }

    /// The registered cell, or nil if both names are taken.
    private func facade(
        _ kind: MetricKind,
        _ label: String,
        _ dimensions: [(String, String)],
        shape: HistogramShape? = nil,
        make: () -> MetricCell
    ) -> MetricCell? {
        let name = MetricText.sanitizedMetricName(label)
        var seen: Set<String> = kind == .histogram ? ["le"] : []
        let labels = dimensions.compactMap { dimension -> (String, String)? in
            let label = MetricText.sanitizedLabelName(dimension.0)
            return seen.insert(label).inserted ? (label, dimension.1) : nil
        }
        for candidate in [name, "\(name)_\(kind.rawValue)"] {
            let request = SeriesRequest(
                kind: kind,
                name: candidate,
                help: "Recorded by a library as \(label).",
                labels: labels,
                shape: shape,
                fromFacade: true
            )
            let cell = self.state.withLock { state in try? state.cell(for: request, make: make) }
            if let cell { return cell }
        }
        return nil
    }
}

extension CounterCell: CounterHandler {}

extension FloatCounterCell: FloatingPointCounterHandler, CounterHandler {
    func increment(by amount: Int64) { self.increment(by: Double(amount)) }
}

extension HistogramCell: TimerHandler {
    package func recordNanoseconds(_ duration: Int64) { self.observe(nanoseconds: duration) }
}

extension FloatHistogramCell: RecorderHandler {
    func record(_ value: Int64) { self.observe(Double(value)) }
    func record(_ value: Double) { self.observe(value) }
}

/// A gauge as swift-metrics sees it. Apart from `GaugeCell`, on which a second `set` would make `set(1)` ambiguous.
final class GaugeHandler: MeterHandler, RecorderHandler {
    let cell: GaugeCell

    init(cell: GaugeCell) { self.cell = cell }

    func set(_ value: Int64) { self.cell.set(Double(value)) }
    func set(_ value: Double) { self.cell.set(value) }
    func increment(by amount: Double) { self.cell.add(fraction: amount) }
    func decrement(by amount: Double) { self.cell.add(fraction: -amount) }
    func record(_ value: Int64) { self.cell.set(Double(value)) }
    func record(_ value: Double) { self.cell.set(value) }
}
