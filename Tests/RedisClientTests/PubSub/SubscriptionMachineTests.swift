import NIOCore
import Testing

@testable import RedisClient

struct SubscriptionMachineTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private var machine = SubscriptionMachine(pingInterval: .seconds(5), answerTimeout: .seconds(5))
    private let now = Self.start

    private mutating func answer(_ push: RedisPush) -> [SubscriptionMachine.Action] {
        machine.answered(push, generation: machine.generation, now: now)
    }

    @Test mutating func `a confirmed channel is subscribed, and then at once for others`() {
        expect(machine.connected(now: now), [.announce(generation: 1)])
        expect(machine.subscribeRequested("a", waiter: 1, now: now), [.sendSubscribe(["a"])])
        expect(machine.subscribeRequested("a", waiter: 2, now: now), [])
        #expect(!machine.accepts("a", generation: 1))
        expect(answer(.subscribed("a")), [.succeed([1, 2])])
        #expect(machine.accepts("a", generation: 1))
        #expect(!machine.accepts("b", generation: 1))
        expect(machine.subscribeRequested("a", waiter: 3, now: now), [.succeed([3])])
        #expect(machine.waiterCount == 0)
    }

    @Test mutating func `an unsubscribe fails who waits, and its late confirmation means nothing`() {
        _ = machine.connected(now: now)
        _ = machine.subscribeRequested("a", waiter: 1, now: now)
        expect(
            machine.unsubscribeRequested("a", now: now), [.fail([1], .unsubscribed), .sendUnsubscribe(["a"])]
        )
        expect(machine.subscribeRequested("a", waiter: 2, now: now), [.sendSubscribe(["a"])])
        expect(answer(.subscribed("a")), [])
        #expect(!machine.accepts("a", generation: 1))
        expect(answer(.unsubscribed("a")), [])
        expect(answer(.subscribed("a")), [.succeed([2])])
        #expect(machine.accepts("a", generation: 1))
    }

    @Test mutating func `a new connection is announced when all wanted channels are confirmed again`() {
        _ = machine.connected(now: now)
        for (waiter, name) in ["a", "b"].enumerated() {
            _ = machine.subscribeRequested(name, waiter: UInt64(waiter), now: now)
            _ = answer(.subscribed(name))
        }
        machine.disconnected()
        #expect(!machine.accepts("a", generation: 1))
        expect(machine.subscribeRequested("c", waiter: 9, now: now), [])
        expect(machine.connected(now: now), [.sendSubscribe(["a", "b", "c"])])
        expect(machine.answered(.subscribed("a"), generation: 1, now: now), [], "an old connection's answer")
        expect(answer(.subscribed("a")), [])
        expect(machine.unsubscribeRequested("b", now: now), [.sendUnsubscribe(["b"])])
        expect(answer(.subscribed("b")), [])
        #expect(!machine.accepts("b", generation: 2))
        expect(answer(.subscribed("c")), [.succeed([9]), .announce(generation: 2)])
        expect(answer(.unsubscribed("b")), [])
    }

    @Test mutating func `many channels are restored 500 at a time`() {
        for index in 0..<1001 { _ = machine.subscribeRequested("c\(index)", waiter: UInt64(index), now: now) }
        let sizes = machine.connected(now: now).map { action in
            if case .sendSubscribe(let names) = action { names.count } else { 0 }
        }
        #expect(sizes == [500, 500, 1])
    }

    @Test mutating func `a call that waited too long leaves no wish behind`() {
        expect(machine.subscribeRequested("a", waiter: 1, now: now), [])
        expect(machine.subscribeRequested("a", waiter: 2, now: now), [])
        expect(machine.subscribeTimedOut("a", waiter: 1, now: now), [.fail([1], .timeout)])
        expect(machine.connected(now: now), [.sendSubscribe(["a"])], "another call still waits")
        expect(
            machine.subscribeTimedOut("a", waiter: 2, now: now), [.fail([2], .timeout), .sendUnsubscribe(["a"])]
        )
        expect(answer(.subscribed("a")), [.announce(generation: 1)])
        #expect(!machine.accepts("a", generation: 1))
        expect(machine.subscribeTimedOut("a", waiter: 2, now: now), [])
    }

    @Test mutating func `a subscription that was promised outlives a later call's timeout`() {
        _ = machine.connected(now: now)
        _ = machine.subscribeRequested("a", waiter: 1, now: now)
        _ = answer(.subscribed("a"))
        machine.disconnected()
        _ = machine.subscribeRequested("a", waiter: 2, now: now)
        expect(machine.subscribeTimedOut("a", waiter: 2, now: now), [.fail([2], .timeout)])
        expect(machine.connected(now: now), [.sendSubscribe(["a"])])
    }

    @Test mutating func `a refused channel fails alone`() {
        _ = machine.subscribeRequested("good", waiter: 1, now: now)
        _ = machine.subscribeRequested("evil", waiter: 2, now: now)
        expect(machine.connected(now: now), [.sendSubscribe(["evil", "good"])])
        expect(answer(.error("NOPERM")), [.sendSubscribe(["evil"]), .sendSubscribe(["good"])])
        expect(answer(.error("NOPERM")), [.fail([2], .server("NOPERM"))])
        expect(answer(.subscribed("good")), [.succeed([1]), .announce(generation: 1)])
        #expect(machine.channels.keys.sorted() == ["good"])
    }

    @Test mutating func `a promised channel that is refused ends the connection`() {
        _ = machine.connected(now: now)
        _ = machine.subscribeRequested("a", waiter: 1, now: now)
        _ = answer(.subscribed("a"))
        machine.disconnected()
        _ = machine.subscribeRequested("a", waiter: 2, now: now)
        _ = machine.connected(now: now)
        expect(answer(.error("NOPERM")), [.fail([2], .server("NOPERM")), .close(.server("NOPERM"))])
        #expect(machine.waiterCount == 0)
        #expect(machine.channels["a"]?.waiters == [])
    }

    @Test mutating func `a ping goes out every interval, and wants its answer`() {
        _ = machine.connected(now: now)
        expect(machine.timePassed(now: now + .milliseconds(4999)), [])
        expect(machine.timePassed(now: now + .seconds(5)), [.sendPing])
        expect(machine.timePassed(now: now + .seconds(6)), [])
        expect(answer(.pong), [])
        expect(machine.timePassed(now: now + .seconds(10)), [.sendPing])
        expect(machine.timePassed(now: now + .milliseconds(14_900)), [])
        expect(machine.timePassed(now: now + .seconds(15)), [.close(.timeout)])
        machine.disconnected()
        expect(machine.timePassed(now: now + .seconds(60)), [])
    }

    @Test mutating func `an unanswered subscribe ends the connection too`() {
        _ = machine.connected(now: now)
        _ = machine.subscribeRequested("a", waiter: 1, now: now)
        expect(machine.timePassed(now: now + .seconds(5)), [.close(.timeout)])
    }

    @Test mutating func `an answer that fits no question ends the connection`() {
        _ = machine.connected(now: now)
        expect(answer(.pong), [.close(.malformedReply("an answer to no question"))])
        _ = machine.subscribeRequested("a", waiter: 1, now: now)
        for wrong in [RedisPush.subscribed("b"), .unsubscribed("a"), .pong] {
            expect(answer(wrong), [.close(.malformedReply("an answer to another question"))])
        }
    }

    @Test mutating func `the end fails everything that waits`() {
        _ = machine.subscribeRequested("a", waiter: 1, now: now)
        _ = machine.subscribeRequested("b", waiter: 2, now: now)
        expect(machine.closed(), [.fail([1, 2], .closed)])
        #expect(machine.waiterCount == 0)
    }
}
