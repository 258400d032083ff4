/// What somebody asks the registry for.
struct SeriesRequest: Sendable {
    let kind: MetricKind
    let name: String
    let help: String
    var labels: [(String, String)] = []
    var shape: HistogramShape?
    var fromFacade = false

    var labelText: String { MetricText.labels(self.labels) }

    /// The name without a counter's `_total`.
    var familyName: String {
        self.kind == .counter && self.name.hasSuffix("_total") ? String(self.name.dropLast(6)) : self.name
    }
}

/// Why a series can't be registered.
struct RegistrationConflict: Error {
    let name: String
    let reason: String
}

/// The registry's families, by name.
struct RegistryState: Sendable {
    private var families: [String: MetricFamily] = [:]
    private var sortedNames: [String] = []
    /// Each name that a sample may have, and the family that it belongs to.
    private var owners: [String: String] = [:]

    /// Sorted by name, as a scrape shows them.
    var sortedFamilies: [MetricFamily] { self.sortedNames.compactMap { self.families[$0] } }

    /// The cell of the request's series, which is made if there is none.
    mutating func cell(
        for request: SeriesRequest,
        make: () -> MetricCell
    ) throws(RegistrationConflict) -> MetricCell {
        try self.checkLabels(of: request)
        let family = try self.family(for: request)
        let labels = request.labelText
        if let known = family.series.first(where: { $0.labels == labels }) { return known.cell }
        let cell = make()
        let series = MetricSeries(family: family, labels: labels, cell: cell, fromFacade: request.fromFacade)
        self.families[family.name]?.series.append(series)
        return cell
    }

    /// Registers a closure, in place of the one that the series may have had.
    mutating func replaceSampled(_ request: SeriesRequest, with cell: MetricCell) throws(RegistrationConflict) {
        let present = try self.cell(for: request) { cell }
        guard case .sampled = present else {
            throw RegistrationConflict(name: request.name, reason: "registered with a cell, and again with a closure")
        }
        let labels = request.labelText
        guard let index = self.families[request.familyName]?.series.firstIndex(where: { $0.labels == labels }) else {
            return
        }
        self.families[request.familyName]?.series[index].cell = cell
    }

    /// The request's family, which is made if there is none.
    @discardableResult
    mutating func family(for request: SeriesRequest) throws(RegistrationConflict) -> MetricFamily {
        let name = request.familyName
        if let family = self.families[name] {
            guard family.kind == request.kind else {
                throw RegistrationConflict(
                    name: request.name,
                    reason: "registered as a \(family.kind), and again as a \(request.kind)"
                )
            }
            guard family.shape == request.shape else {
                throw RegistrationConflict(name: request.name, reason: "registered again with other bounds or scale")
            }
            return family
        }
        guard MetricText.isMetricName(name) else {
            throw RegistrationConflict(name: request.name, reason: "not a name that Prometheus accepts")
        }
        try self.checkBounds(of: request)
        let family = MetricFamily(name: name, kind: request.kind, help: request.help, shape: request.shape)
        if let taken = family.reservedNames.first(where: { self.owners[$0] != nil }), let owner = self.owners[taken] {
            throw RegistrationConflict(name: request.name, reason: "\(taken) is a sample of the family \(owner)")
        }
        for reserved in family.reservedNames { self.owners[reserved] = name }
        self.families[name] = family
        self.sortedNames.append(name)
        self.sortedNames.sort()
        return family
    }

    /// Takes away the series that swift-metrics made for this cell, and its family if it was the last.
    mutating func remove(_ object: AnyObject) {
        for name in self.sortedNames {
            let index = self.families[name]?.series.firstIndex { $0.fromFacade && $0.cell.object === object }
            guard let index else { continue }
            self.families[name]?.series.remove(at: index)
            guard let family = self.families[name], family.series.isEmpty else { return }
            for reserved in family.reservedNames { self.owners[reserved] = nil }
            self.families[name] = nil
            self.sortedNames.removeAll { $0 == name }
            return
        }
    }

    private func checkLabels(of request: SeriesRequest) throws(RegistrationConflict) {
        var seen: Set<String> = request.kind == .histogram ? ["le"] : []
        for (label, _) in request.labels {
            guard MetricText.isLabelName(label), seen.insert(label).inserted else {
                throw RegistrationConflict(name: request.name, reason: "label \(label) is illegal or twice there")
            }
        }
    }

    private func checkBounds(of request: SeriesRequest) throws(RegistrationConflict) {
        guard let bounds = request.shape?.bounds else { return }
        guard !bounds.isEmpty, bounds.allSatisfy(\.isFinite), zip(bounds, bounds.dropFirst()).allSatisfy(<) else {
            throw RegistrationConflict(name: request.name, reason: "bounds must be finite and ascend")
        }
    }
}
