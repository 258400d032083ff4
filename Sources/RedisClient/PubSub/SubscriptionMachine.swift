import NIOCore

/// Which channels are wanted, and which the server has confirmed on the present connection. Pure.
///
/// Redis answers in the order in which it was asked, once for each channel, so every answer belongs to the oldest
/// question; and each question about a channel has a ticket, so that only the answer to the latest one counts.
struct SubscriptionMachine {
    /// Names one call that waits.
    typealias Waiter = UInt64

    enum Action: Equatable {
        /// One command each, to be sent in this order.
        case sendSubscribe([String])
        case sendUnsubscribe([String])
        case sendPing
        case succeed([Waiter])
        case fail([Waiter], RedisError)
        /// Every channel that was wanted when this connection was made is confirmed on it.
        case announce(generation: UInt64)
        case close(RedisError)
    }

    enum Standing: Equatable {
        /// Not on this connection.
        case unasked
        case asked(ticket: UInt64)
        case confirmed
    }

    struct Channel {
        var standing = Standing.unasked
        /// A caller was told that it is subscribed, so it stays wanted whatever happens to other calls.
        var isEstablished = false
        var waiters: [Waiter] = []
    }

    enum Question {
        case subscribe([(channel: String, ticket: UInt64)], restores: Bool)
        case unsubscribe(String)
        case ping

        var answerCount: Int {
            switch self {
            case .subscribe(let asked, _): asked.count
            case .unsubscribe, .ping: 1
            }
        }
    }

    /// Channels of one SUBSCRIBE, when many are to be restored.
    static let batchSize = 500

    let pingInterval: TimeAmount
    let answerTimeout: TimeAmount
    /// The wanted ones.
    var channels: [String: Channel] = [:]
    /// Counts the connections.
    private(set) var generation: UInt64 = 0
    private(set) var isConnected = false
    private(set) var waiterCount = 0
    var questions = CircularBuffer<(question: Question, answered: Int, sentAt: NIODeadline)>()
    /// Channels of the first questions that have no answer yet.
    var restoring = 0
    private var lastTicket: UInt64 = 0
    private var lastPing = NIODeadline.uptimeNanoseconds(0)

    init(pingInterval: TimeAmount, answerTimeout: TimeAmount) {
        self.pingInterval = pingInterval
        self.answerTimeout = answerTimeout
    }

    /// True if a message on the channel is for us.
    func accepts(_ channel: String, generation: UInt64) -> Bool {
        generation == self.generation && isConnected && channels[channel]?.standing == .confirmed
    }

    /// A new connection is ready for questions.
    mutating func connected(now: NIODeadline) -> [Action] {
        generation += 1
        isConnected = true
        lastPing = now
        restoring = channels.count
        guard restoring > 0 else { return [.announce(generation: generation)] }
        var names = channels.keys.sorted()[...]
        var actions: [Action] = []
        while !names.isEmpty {
            actions.append(ask(Array(names.prefix(Self.batchSize)), restores: true, now))
            names = names.dropFirst(Self.batchSize)
        }
        return actions
    }

    /// Who waits goes on waiting: the next connection may be in time.
    mutating func disconnected() {
        isConnected = false
        questions.removeAll()
        restoring = 0
        for name in channels.keys { channels[name]?.standing = .unasked }
    }

    mutating func subscribeRequested(_ name: String, waiter: Waiter, now: NIODeadline) -> [Action] {
        var channel = channels[name] ?? Channel()
        if channel.standing == .confirmed {
            channel.isEstablished = true
            channels[name] = channel
            return [.succeed([waiter])]
        }
        channel.waiters.append(waiter)
        waiterCount += 1
        channels[name] = channel
        guard isConnected, channel.standing == .unasked else { return [] }
        return [ask([name], restores: false, now)]
    }

    /// A call of ``subscribeRequested(_:waiter:now:)`` has waited too long.
    mutating func subscribeTimedOut(_ name: String, waiter: Waiter, now: NIODeadline) -> [Action] {
        guard var channel = channels[name], let index = channel.waiters.firstIndex(of: waiter) else { return [] }
        channel.waiters.remove(at: index)
        waiterCount -= 1
        channels[name] = channel
        let failure = Action.fail([waiter], .timeout)
        guard channel.waiters.isEmpty, !channel.isEstablished else { return [failure] }
        return [failure] + drop(name, now)
    }

    /// Nobody wants it any more.
    mutating func unsubscribeRequested(_ name: String, now: NIODeadline) -> [Action] {
        guard let channel = channels[name] else { return [] }
        return fail(channel.waiters, .unsubscribed) + drop(name, now)
    }

    /// Time goes by: to be called a few times a second.
    mutating func timePassed(now: NIODeadline) -> [Action] {
        guard isConnected else { return [] }
        if let oldest = questions.first, now - oldest.sentAt >= answerTimeout { return [.close(.timeout)] }
        guard now - lastPing >= pingInterval else { return [] }
        lastPing = now
        questions.append((.ping, 0, now))
        return [.sendPing]
    }

    /// It ends for good.
    mutating func closed() -> [Action] {
        disconnected()
        let waiters = channels.values.flatMap(\.waiters).sorted()
        channels = [:]
        return fail(waiters, .closed)
    }

    mutating func ask(_ names: [String], restores: Bool, _ now: NIODeadline) -> Action {
        let asked = names.map { name in
            lastTicket += 1
            channels[name]?.standing = .asked(ticket: lastTicket)
            return (channel: name, ticket: lastTicket)
        }
        questions.append((.subscribe(asked, restores: restores), 0, now))
        return .sendSubscribe(names)
    }

    mutating func drop(_ name: String, _ now: NIODeadline) -> [Action] {
        guard let channel = channels.removeValue(forKey: name), channel.standing != .unasked else { return [] }
        questions.append((.unsubscribe(name), 0, now))
        return [.sendUnsubscribe([name])]
    }

    mutating func succeed(_ waiters: [Waiter]) -> [Action] {
        waiterCount -= waiters.count
        return waiters.isEmpty ? [] : [.succeed(waiters)]
    }

    mutating func fail(_ waiters: [Waiter], _ error: RedisError) -> [Action] {
        waiterCount -= waiters.count
        return waiters.isEmpty ? [] : [.fail(waiters, error)]
    }
}
