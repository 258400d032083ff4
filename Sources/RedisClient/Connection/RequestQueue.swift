import NIOCore

/// The unanswered commands of one connection, oldest first: a reply belongs to the first that still wants one. Pure.
struct RequestQueue<Completion> {
    enum Outcome {
        /// More is to come for the request.
        case incomplete
        case complete(Completion, [RedisReply])
        /// Nothing was asked.
        case unexpected
    }

    private struct Request {
        let completion: Completion
        let byteCount: Int
        let sentAt: NIODeadline
        let replyCount: Int
        var replies: [RedisReply] = []
    }

    private let maxBytes: Int
    private let timeout: TimeAmount
    private var requests = CircularBuffer<Request>()
    private(set) var bytesInFlight = 0

    init(maxBytes: Int, timeout: TimeAmount) {
        self.maxBytes = maxBytes
        self.timeout = timeout
    }

    /// - Parameter replyCount: how many replies it wants, at least one.
    /// - Returns: false if it would be too much; it must not be sent then.
    mutating func requested(_ completion: Completion, byteCount: Int, replyCount: Int, now: NIODeadline) -> Bool {
        guard bytesInFlight + byteCount <= maxBytes else { return false }
        bytesInFlight += byteCount
        requests.append(
            Request(completion: completion, byteCount: byteCount, sentAt: now, replyCount: replyCount)
        )
        return true
    }

    mutating func replied(_ reply: RedisReply) -> Outcome {
        guard !requests.isEmpty else { return .unexpected }
        let index = requests.startIndex
        requests[index].replies.append(reply)
        guard requests[index].replies.count == requests[index].replyCount else { return .incomplete }
        let request = requests.removeFirst()
        bytesInFlight -= request.byteCount
        return .complete(request.completion, request.replies)
    }

    /// When the oldest request will have waited too long; nil if none waits.
    var deadline: NIODeadline? { requests.first.map { $0.sentAt + timeout } }

    /// - Returns: everything unanswered.
    mutating func closed() -> [Completion] {
        defer {
            requests.removeAll()
            bytesInFlight = 0
        }
        return requests.map(\.completion)
    }
}
