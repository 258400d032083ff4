import ChatMetrics
import ChatProtocol

/// What one event loop of the generator measures. Each loop has its own; they are merged exactly at the end.
struct Recorder: Sendable {
    var connect = LatencyHistogram()
    var reconnect = LatencyHistogram()
    var ack = LatencyHistogram()
    var ackUncorrected = LatencyHistogram()
    var deliver = LatencyHistogram()
    var deliverUncorrected = LatencyHistogram()
    var deliverSame = LatencyHistogram()
    var deliverCross = LatencyHistogram()
    var lag = LatencyHistogram()
    var stageSend = LatencyHistogram()
    var stagePersist = LatencyHistogram()
    var stagePublish = LatencyHistogram()
    var stageBroker = LatencyHistogram()
    var stageDeliver = LatencyHistogram()

    mutating func merge(_ other: Recorder) {
        connect.merge(other.connect)
        reconnect.merge(other.reconnect)
        ack.merge(other.ack)
        ackUncorrected.merge(other.ackUncorrected)
        deliver.merge(other.deliver)
        deliverUncorrected.merge(other.deliverUncorrected)
        deliverSame.merge(other.deliverSame)
        deliverCross.merge(other.deliverCross)
        lag.merge(other.lag)
        stageSend.merge(other.stageSend)
        stagePersist.merge(other.stagePersist)
        stagePublish.merge(other.stagePublish)
        stageBroker.merge(other.stageBroker)
        stageDeliver.merge(other.stageDeliver)
    }

    /// The stages of one traced delivery, from the planned instant on, so that they add up to `deliver`; each stamp is
    /// its instance's clock.
    mutating func record(_ trace: Trace, planned: Int64, received: Int64) {
        stageSend.record(trace.receivedNanoseconds - planned)
        stagePersist.record(trace.persistedNanoseconds - trace.receivedNanoseconds)
        stagePublish.record(trace.publishedNanoseconds - trace.persistedNanoseconds)
        stageBroker.record(trace.brokerReceivedNanoseconds - trace.publishedNanoseconds)
        stageDeliver.record(received - trace.brokerReceivedNanoseconds)
    }

    /// The histograms of the summary, by their names there. `last_receiver` comes from the integrity ledger.
    func series(lastReceiver: LatencyHistogram) -> [Summary.Series: LatencyHistogram] {
        [
            .connect: connect, .reconnect: reconnect, .ack: ack, .ackUncorrected: ackUncorrected, .deliver: deliver,
            .deliverUncorrected: deliverUncorrected, .deliverSameInstance: deliverSame,
            .deliverCrossInstance: deliverCross, .lastReceiver: lastReceiver, .stageSend: stageSend,
            .stagePersist: stagePersist, .stagePublish: stagePublish, .stageBroker: stageBroker,
            .stageDeliver: stageDeliver,
        ]
    }
}

/// Counts of one loop: of the whole run, and of the present second.
struct LoopCounts: Sendable, Equatable {
    var offered = 0
    var sent = 0
    var acked = 0
    var delivered = 0
    /// Read over REST, where the server could not replay.
    var deliveredByHistory = 0
    var rejected = 0
    var unsent = 0
    var duplicated = 0
    var outOfOrder = 0
    var unexpected = 0
    var connected = 0
    var failed = 0
    var disconnected = 0
    var reconnected = 0

    static func + (a: LoopCounts, b: LoopCounts) -> LoopCounts {
        LoopCounts(
            offered: a.offered + b.offered,
            sent: a.sent + b.sent,
            acked: a.acked + b.acked,
            delivered: a.delivered + b.delivered,
            deliveredByHistory: a.deliveredByHistory + b.deliveredByHistory,
            rejected: a.rejected + b.rejected,
            unsent: a.unsent + b.unsent,
            duplicated: a.duplicated + b.duplicated,
            outOfOrder: a.outOfOrder + b.outOfOrder,
            unexpected: a.unexpected + b.unexpected,
            connected: a.connected + b.connected,
            failed: a.failed + b.failed,
            disconnected: a.disconnected + b.disconnected,
            reconnected: a.reconnected + b.reconnected
        )
    }

    var violations: Int { duplicated + outOfOrder + unexpected }
}
