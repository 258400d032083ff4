import NIOCore

/// A subscriber's life on its event loop: performs what its ``SubscriptionMachine`` says.
final class SubscriberCore {
    private let link: RedisLink
    private let options: RedisOptions
    private let eventLoop: any EventLoop
    private let flag: ConnectedFlag
    private var machine: SubscriptionMachine
    private var delegate: (any RedisSubscriberDelegate)?
    private var connection: RedisConnection?
    private var ticker: Scheduled<Void>?
    private var lastWaiter: SubscriptionMachine.Waiter = 0
    private var waiting: [SubscriptionMachine.Waiter: (promise: EventLoopPromise<Void>, timer: Scheduled<Void>)] = [:]
    private var isClosed = false

    /// How exactly the pings' times are kept.
    private static let tick = TimeAmount.milliseconds(100)

    init(link: RedisLink, options: RedisOptions, eventLoop: any EventLoop, flag: ConnectedFlag) {
        self.link = link
        self.options = options
        self.eventLoop = eventLoop
        self.flag = flag
        machine = SubscriptionMachine(pingInterval: options.pingInterval, answerTimeout: options.pingTimeout)
        link.opened = { [weak self] in self?.opened($0) }
        link.lost = { [weak self] in self?.lost($0) }
    }

    func start(_ delegate: any RedisSubscriberDelegate) {
        guard !isClosed else { return }
        self.delegate = delegate
        link.start()
    }

    func subscribe(_ channel: String, timeout: TimeAmount) -> EventLoopFuture<Void> {
        guard !isClosed else { return eventLoop.makeFailedFuture(RedisError.closed) }
        guard machine.waiterCount < options.maxWaitingSubscribes else {
            return eventLoop.makeFailedFuture(RedisError.overloaded)
        }
        let promise = eventLoop.makePromise(of: Void.self)
        lastWaiter += 1
        let waiter = lastWaiter
        let timer = eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.perform(self.machine.subscribeTimedOut(channel, waiter: waiter, now: .now()))
        }
        waiting[waiter] = (promise, timer)
        perform(machine.subscribeRequested(channel, waiter: waiter, now: .now()))
        return promise.futureResult
    }

    func unsubscribe(_ channel: String) {
        perform(machine.unsubscribeRequested(channel, now: .now()))
    }

    func reconnect(_ reason: String) {
        link.reconnect(.connectionLost(reason))
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        link.close()
        perform(machine.closed())
        delegate = nil
    }

    private func opened(_ connection: RedisConnection) {
        self.connection = connection
        let actions = machine.connected(now: .now())
        let generation = machine.generation
        connection.handler.value.receive { [weak self] in self?.received($0, generation) }
        startTicker()
        perform(actions)
    }

    private func lost(_ reason: RedisError) {
        connection = nil
        ticker?.cancel()
        ticker = nil
        machine.disconnected()
        guard flag.value else { return }
        flag.value = false
        delegate?.disconnected(reason: reason)
    }

    private func received(_ pushes: [RedisPush], _ generation: UInt64) {
        var batch: [RedisMessage] = []
        for push in pushes {
            if case .message(let message) = push {
                if machine.accepts(message.channel, generation: generation) { batch.append(message) }
                continue
            }
            let actions = machine.answered(push, generation: generation, now: .now())
            guard !actions.isEmpty else { continue }
            deliver(&batch)
            perform(actions)
        }
        deliver(&batch)
    }

    private func deliver(_ batch: inout [RedisMessage]) {
        guard !batch.isEmpty else { return }
        delegate?.messages(batch)
        batch.removeAll(keepingCapacity: true)
    }

    private func perform(_ actions: [SubscriptionMachine.Action]) {
        for action in actions {
            switch action {
            case .sendSubscribe(let channels): send(RedisCommand(["SUBSCRIBE"] + channels))
            case .sendUnsubscribe(let channels): send(RedisCommand(["UNSUBSCRIBE"] + channels))
            case .sendPing: send(RedisCommand("PING"))
            case .succeed(let waiters): settle(waiters) { $0.succeed(()) }
            case .fail(let waiters, let error): settle(waiters) { $0.fail(error) }
            case .announce(let generation):
                flag.value = true
                delegate?.connected(generation: generation)
            case .close(let reason): link.reconnect(reason)
            }
        }
    }

    private func send(_ command: RedisCommand) {
        connection?.handler.value.send(command.bytes)
    }

    private func settle(_ waiters: [SubscriptionMachine.Waiter], _ settle: (EventLoopPromise<Void>) -> Void) {
        for waiter in waiters {
            guard let (promise, timer) = waiting.removeValue(forKey: waiter) else { continue }
            timer.cancel()
            settle(promise)
        }
    }

    private func startTicker() {
        ticker = eventLoop.assumeIsolated().scheduleTask(in: Self.tick) { [weak self] in
            guard let self, self.connection != nil else { return }
            self.startTicker()
            self.perform(self.machine.timePassed(now: .now()))
        }
    }
}
