import ChatMetrics
import Foundation

extension Summary {
    /// The latency series of a run. The raw value is the key in `latency_ns`, the file's name below `latency/`, and
    /// the first word of a threshold's metric.
    enum Series: String, CodingKey, CaseIterable, Codable, Sendable {
        case connect, ack, deliver, reconnect
        case deliverSameInstance = "deliver_same_instance"
        case deliverCrossInstance = "deliver_cross_instance"
        case lastReceiver = "last_receiver"
        case ackUncorrected = "ack_uncorrected"
        case deliverUncorrected = "deliver_uncorrected"
        case stageSend = "stage_send"
        case stagePersist = "stage_persist"
        case stagePublish = "stage_publish"
        case stageBroker = "stage_broker"
        case stageDeliver = "stage_deliver"

        /// A traced message's way, in order.
        static let stages: [Series] = [.stageSend, .stagePersist, .stagePublish, .stageBroker, .stageDeliver]
    }

    /// One summary for every series; a series without samples is there, with a count of 0.
    struct Latencies: Sendable, Equatable {
        private var values: [Series: LatencySummary] = [:]

        init(_ values: [Series: LatencySummary] = [:]) {
            for (series, value) in values { self[series] = value }
        }

        subscript(series: Series) -> LatencySummary {
            get { values[series] ?? LatencySummary() }
            // An empty summary is not kept, so that equality does not depend on whether it was assigned.
            set { values[series] = newValue == LatencySummary() ? nil : newValue }
        }
    }
}

extension Summary.Latencies: Codable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Summary.Series.self)
        for series in Summary.Series.allCases {
            try container.encode(self[series], forKey: series)
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Summary.Series.self)
        self.init()
        for series in Summary.Series.allCases {
            self[series] = try container.decodeIfPresent(LatencySummary.self, forKey: series) ?? LatencySummary()
        }
    }
}
