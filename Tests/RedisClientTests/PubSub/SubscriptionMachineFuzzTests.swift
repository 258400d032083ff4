import NIOCore
import Testing

@testable import RedisClient

/// Random interleavings of calls, answers, timeouts and outages, against a model of the server.
struct SubscriptionMachineFuzzTests {
    @Test(arguments: UInt64(1)...200)
    func `it never believes what the server does not hold`(seed: UInt64) {
        var world = World(seed: seed)
        for _ in 0..<400 {
            world.step()
            world.check()
        }
        world.settle()
        world.check()
        world.checkSettled()
    }

    private struct World {
        private enum Command {
            case subscribe([String])
            case unsubscribe([String])
            case ping
        }

        private var random: SplitMix
        private var machine = SubscriptionMachine(pingInterval: .seconds(5), answerTimeout: .seconds(5))
        private var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        /// On the wire, both ways.
        private var commands: [Command] = []
        private var answers: [(push: RedisPush, held: Set<String>)] = []
        /// What the server holds for this connection, and what it held when it gave the last answer that was read.
        private var held: Set<String> = []
        private var knownHeld: Set<String> = []
        private var forbidden: Set<String> = []
        private var waiting: [UInt64: String] = [:]
        private var wanted: Set<String> = []
        private var wantedAtConnect: Set<String> = []
        private var announced: UInt64 = 0
        private var lastWaiter: UInt64 = 0

        private static let names = ["a", "b", "c", "d", "e"]

        init(seed: UInt64) {
            random = SplitMix(state: seed)
            if seed % 4 == 0 { forbidden = ["e"] }
        }

        mutating func step() {
            now = now + .milliseconds(Int64.random(in: 0...400, using: &random))
            let name = Self.names.randomElement(using: &random) ?? "a"
            switch Int.random(in: 0..<20, using: &random) {
            case 0: disconnect()
            case 1...2: connect()
            case 3...6: subscribe(name)
            case 7...9: unsubscribe(name)
            case 10: timeOut()
            case 11...14: serve()
            case 15...18: readAnswer()
            default: perform(machine.timePassed(now: now))
            }
        }

        /// Lets everything be answered.
        mutating func settle() {
            connect()
            for _ in 0..<2000 where !(commands.isEmpty && answers.isEmpty && machine.isConnected) {
                connect()
                serve()
                readAnswer()
            }
        }

        func check() {
            for name in Self.names where machine.accepts(name, generation: machine.generation) {
                #expect(knownHeld.contains(name), "believed subscribed to \(name)")
                #expect(wanted.contains(name), "nobody wants \(name)")
            }
            for name in Self.names where machine.accepts(name, generation: machine.generation &- 1) {
                Issue.record("an old connection's message on \(name) passed")
            }
            #expect(Set(machine.channels.keys) == wanted.union(waiting.values), "the wanted set is wrong")
            #expect(machine.waiterCount == waiting.count)
            if machine.isConnected, announced == machine.generation {
                for name in wantedAtConnect.intersection(wanted) where machine.channels[name]?.standing == .unasked {
                    Issue.record("announced without \(name)")
                }
            }
        }

        func checkSettled() {
            #expect(waiting.isEmpty, "calls without an end: \(waiting)")
            #expect(held == wanted, "the server holds something else")
            #expect(announced == machine.generation)
            for name in wanted { #expect(machine.accepts(name, generation: machine.generation)) }
        }

        private mutating func connect() {
            guard !machine.isConnected else { return }
            (commands, answers, held, knownHeld) = ([], [], [], [])
            wantedAtConnect = Set(machine.channels.keys)
            perform(machine.connected(now: now))
        }

        private mutating func disconnect() {
            machine.disconnected()
            (commands, answers, held, knownHeld) = ([], [], [], [])
        }

        private mutating func subscribe(_ name: String) {
            lastWaiter += 1
            waiting[lastWaiter] = name
            perform(machine.subscribeRequested(name, waiter: lastWaiter, now: now))
        }

        private mutating func unsubscribe(_ name: String) {
            wanted.remove(name)
            perform(machine.unsubscribeRequested(name, now: now))
            #expect(!machine.accepts(name, generation: machine.generation))
        }

        private mutating func timeOut() {
            guard let (waiter, name) = waiting.min(by: { $0.key < $1.key }) else { return }
            perform(machine.subscribeTimedOut(name, waiter: waiter, now: now))
            #expect(waiting[waiter] == nil)
        }

        /// The server carries out one command.
        private mutating func serve() {
            guard !commands.isEmpty else { return }
            switch commands.removeFirst() {
            case .subscribe(let names) where !forbidden.isDisjoint(with: names):
                answers.append((.error("NOPERM"), held))
            case .subscribe(let names):
                for name in names {
                    held.insert(name)
                    answers.append((.subscribed(name), held))
                }
            case .unsubscribe(let names):
                for name in names {
                    held.remove(name)
                    answers.append((.unsubscribed(name), held))
                }
            case .ping: answers.append((.pong, held))
            }
        }

        private mutating func readAnswer() {
            guard !answers.isEmpty else { return }
            let (push, held) = answers.removeFirst()
            knownHeld = held
            let stale = machine.answered(push, generation: machine.generation &- 1, now: now)
            #expect(stale.isEmpty)
            perform(machine.answered(push, generation: machine.generation, now: now))
        }

        private mutating func perform(_ actions: [SubscriptionMachine.Action]) {
            for action in actions {
                switch action {
                case .sendSubscribe(let names): commands.append(.subscribe(names))
                case .sendUnsubscribe(let names): commands.append(.unsubscribe(names))
                case .sendPing: commands.append(.ping)
                case .succeed(let waiters):
                    for waiter in waiters {
                        guard let name = waiting.removeValue(forKey: waiter) else {
                            Issue.record("\(waiter) was told twice")
                            continue
                        }
                        wanted.insert(name)
                        #expect(machine.accepts(name, generation: machine.generation))
                    }
                case .fail(let waiters, _):
                    for waiter in waiters where waiting.removeValue(forKey: waiter) == nil {
                        Issue.record("\(waiter) was told twice")
                    }
                case .announce(let generation):
                    #expect(generation == machine.generation && announced < generation)
                    announced = generation
                    for name in wantedAtConnect.intersection(wanted) {
                        if case .unasked? = machine.channels[name]?.standing {
                            Issue.record("announced without \(name)")
                        }
                    }
                case .close(let reason):
                    if case .malformedReply = reason { Issue.record("the order of answers was lost") }
                    disconnect()
                }
            }
        }
    }
}

/// Random numbers that a seed repeats (Steele, Lea and Flood, 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
