import Synchronization

/// The metrics of a process: hands out cells to record into, and renders them all as a scrape.
///
/// Registering takes a lock and builds text, so a hot path keeps the cell that it got. Recording into a cell takes no
/// lock. Registering the same name and labels again returns the same cell. The names, labels and shapes are the
/// program's own, so a mistake in them (an illegal name, one name for two kinds) stops the process with a message.
///
/// A counter's name ends in `_total`; the ending is added where it is missing.
package final class MetricsRegistry: Sendable {
    let state = Mutex(RegistryState())

    package init() {}

    /// The counter with this name and these labels.
    package func counter(_ name: String, help: String, labels: [(String, String)] = []) -> CounterCell {
        let request = SeriesRequest(kind: .counter, name: name, help: help, labels: labels)
        let registered = self.direct(request) { .counter(CounterCell()) }
        guard case .counter(let cell) = registered else { request.stop() }
        return cell
    }

    /// The gauge with this name and these labels.
    package func gauge(_ name: String, help: String, labels: [(String, String)] = []) -> GaugeCell {
        let request = SeriesRequest(kind: .gauge, name: name, help: help, labels: labels)
        let registered = self.direct(request) { .gauge(GaugeCell()) }
        guard case .gauge(let cell) = registered else { request.stop() }
        return cell
    }

    /// The histogram with this name and these labels. `bounds` ascend, in seconds for `.seconds`, without `+Inf`; all
    /// members of a family have the same.
    package func histogram(
        _ name: String,
        help: String,
        scale: HistogramScale,
        bounds: [Double],
        labels: [(String, String)] = []
    ) -> HistogramCell {
        let shape = HistogramShape(scale: scale, bounds: bounds)
        let request = SeriesRequest(kind: .histogram, name: name, help: help, labels: labels, shape: shape)
        let registered = self.direct(request) { .histogram(HistogramCell(scale: scale, bounds: bounds)) }
        guard case .histogram(let cell) = registered else { request.stop() }
        return cell
    }

    /// A gauge whose value `read` gives at each scrape. Registered again, the later `read` replaces the earlier.
    package func sampledGauge(
        _ name: String,
        help: String,
        labels: [(String, String)] = [],
        read: @escaping @Sendable () -> Double
    ) {
        self.sampled(SeriesRequest(kind: .gauge, name: name, help: help, labels: labels), read: read)
    }

    /// A counter whose value `read` gives at each scrape; it must not fall. Registered again, the later `read` replaces
    /// the earlier.
    package func sampledCounter(
        _ name: String,
        help: String,
        labels: [(String, String)] = [],
        read: @escaping @Sendable () -> Double
    ) {
        self.sampled(SeriesRequest(kind: .counter, name: name, help: help, labels: labels), read: read)
    }

    /// Makes a counter's or gauge's HELP and TYPE appear in every scrape, before any member of the family exists.
    package func declare(_ kind: MetricKind, _ name: String, help: String) {
        guard kind != .histogram else { fatalError("metric \(name): a histogram is declared with its bounds") }
        self.declare(SeriesRequest(kind: kind, name: name, help: help))
    }

    /// Makes a histogram's HELP and TYPE appear in every scrape, before any member of the family exists.
    package func declareHistogram(_ name: String, help: String, scale: HistogramScale, bounds: [Double]) {
        let shape = HistogramShape(scale: scale, bounds: bounds)
        self.declare(SeriesRequest(kind: .histogram, name: name, help: help, shape: shape))
    }

    private func declare(_ request: SeriesRequest) {
        self.orStop { state throws(RegistrationConflict) in try state.family(for: request) }
    }

    private func direct(_ request: SeriesRequest, make: () -> MetricCell) -> MetricCell {
        self.orStop { state throws(RegistrationConflict) in try state.cell(for: request, make: make) }
    }

    private func sampled(_ request: SeriesRequest, read: @escaping @Sendable () -> Double) {
        self.orStop { state throws(RegistrationConflict) in
            try state.replaceSampled(request, with: .sampled(read))
        }
    }

    @discardableResult
    private func orStop<Result: Sendable>(
        _ body: (inout sending RegistryState) throws(RegistrationConflict) -> sending Result
    ) -> Result {
        do throws(RegistrationConflict) {
            return try self.state.withLock(body)
        } catch {
            // Not preconditionFailure: that would leave the message out of a release build.
            fatalError("metric \(error.name): \(error.reason)")
        }
    }
}

extension SeriesRequest {
    /// For a series of the right kind that has another source: a closure, or a library's cell.
    fileprivate func stop() -> Never {
        fatalError("metric \(self.name){\(self.labelText)}: registered with another source for its value")
    }
}
