import NIOCore

extension SubscriptionMachine {
    /// The server has answered; `answer` is no message.
    /// - Parameter generation: of the connection that it came on; one from an earlier connection means nothing.
    mutating func answered(_ answer: RedisPush, generation: UInt64, now: NIODeadline) -> [Action] {
        guard isConnected, generation == self.generation else { return [] }
        guard let (question, answered, _) = questions.first else {
            return [.close(.malformedReply("an answer to no question"))]
        }
        switch (question, answer) {
        case (.subscribe(let asked, let restores), .subscribed(let name)) where asked[answered].channel == name:
            countAnswer()
            return confirmed(name, ticket: asked[answered].ticket) + (restores ? restored(1) : [])
        case (.unsubscribe(let wanted), .unsubscribed(let name)) where wanted == name:
            countAnswer()
            return []
        case (.ping, .pong):
            countAnswer()
            return []
        case (.subscribe(let asked, let restores), .error(let text)) where answered == 0:
            questions.removeFirst()
            return refused(asked, restores: restores, text, now)
        case (_, .error(let text)): return [.close(.server(text))]
        default: return [.close(.malformedReply("an answer to another question"))]
        }
    }

    private mutating func countAnswer() {
        let index = questions.startIndex
        questions[index].answered += 1
        if questions[index].answered == questions[index].question.answerCount { questions.removeFirst() }
    }

    private mutating func confirmed(_ name: String, ticket: UInt64) -> [Action] {
        // Overtaken by an UNSUBSCRIBE, and perhaps by a later SUBSCRIBE too.
        guard var channel = channels[name], channel.standing == .asked(ticket: ticket) else { return [] }
        let waiters = channel.waiters
        channel.standing = .confirmed
        channel.waiters = []
        if !waiters.isEmpty { channel.isEstablished = true }
        channels[name] = channel
        return succeed(waiters)
    }

    private mutating func restored(_ count: Int) -> [Action] {
        restoring -= count
        return restoring == 0 ? [.announce(generation: generation)] : []
    }

    /// An ACL forbids one of them: the server says so once for the whole command, and does nothing.
    private mutating func refused(
        _ asked: [(channel: String, ticket: UInt64)], restores: Bool, _ text: String, _ now: NIODeadline
    ) -> [Action] {
        let live = asked.filter { channels[$0.channel]?.standing == .asked(ticket: $0.ticket) }
        var actions: [Action] = []
        if asked.count > 1 {
            // Which one it was shows when each is asked for alone.
            for (name, _) in live { actions.append(ask([name], restores: restores, now)) }
            return actions + (restores && live.count < asked.count ? restored(asked.count - live.count) : [])
        }
        for (name, _) in live {
            guard let channel = channels[name] else { continue }
            actions += fail(channel.waiters, .server(text))
            channels[name]?.waiters = []
            // Somebody relies on it and could not be told: only a new connection may help.
            if channel.isEstablished { return actions + [.close(.server(text))] }
            channels[name] = nil
        }
        return actions + (restores ? restored(1) : [])
    }
}
