/// One line of a scrape: a value with its name and labels.
package struct MetricSample: Sendable, Equatable {
    /// As in the text, with `_total`, `_bucket`, `_sum` or `_count`.
    package var name: String
    package var labels: [String: String]
    /// May be NaN or infinite.
    package var value: Double

    package init(name: String, labels: [String: String] = [:], value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}

/// What a `/metrics` page said, in Prometheus' text format 0.0.4 or OpenMetrics 1.0.0.
package struct MetricsScrape: Sendable {
    /// In the order of the text.
    package var samples: [MetricSample]
    /// The family's kind by its name, as the TYPE lines have it: OpenMetrics names a counter without `_total`.
    package var types: [String: String]
    /// The family's help text by its name, as the HELP lines have it.
    package var help: [String: String]

    package init(samples: [MetricSample] = [], types: [String: String] = [:], help: [String: String] = [:]) {
        self.samples = samples
        self.types = types
        self.help = help
    }

    /// The value of the first sample with this name whose labels contain the given ones; nil if there is none.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        self.samples.first { $0.matches(name, labels) }?.value
    }

    /// The sum over all samples with this name whose labels contain the given ones; 0 if there is none.
    package func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        self.samples.reduce(0) { $1.matches(name, labels) ? $0 + $1.value : $0 }
    }
}

extension MetricSample {
    fileprivate func matches(_ name: String, _ labels: [String: String]) -> Bool {
        self.name == name && labels.allSatisfy { self.labels[$0.key] == $0.value }
    }
}

/// Why a text is not an exposition.
package struct MetricsParseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Counted from 1.
    package var line: Int
    /// What is wrong with it, in a few words.
    package var reason: String

    package var description: String { "metrics, line \(self.line): \(self.reason)" }
}
