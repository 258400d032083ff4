import AsyncHTTPClient
import ChatProtocol
import NIOCore
import NIOEmbedded

@testable import LoadGen

let clientBenchmarks = [
    Benchmark(name: "verify_delivery", summary: "read, verify and time one delivery", operations: 2000) {
        let load = try Load(clients: 20, messages: 4000)
        return { try load.receive($0) }
    },
    Benchmark(name: "send_tick", summary: "a tick of the schedule with one message due, sent", operations: 1000) {
        let load = try Load(clients: 200, messages: 2000)
        return { try load.tick($0) }
    },
]

/// One event loop of the generator: clients in one room, whose sockets swallow what is written.
private final class Load {
    /// Nothing falls due by itself while a benchmark runs.
    private static let interval: Int64 = 3_600_000_000_000

    private let loop: GeneratorLoop
    private let sink = Sink()
    private var sockets: [EmbeddedChannel] = []
    private var frames: [ByteBuffer] = []
    private var next = 0

    init(clients: Int, messages: Int) throws {
        let plan = RunPlan(
            run: 1,
            seed: 1,
            schedule: Schedule(phases: [
                Phase(name: "connect", connectRate: 100),
                Phase(name: "warmup", duration: .seconds(60)),
                Phase(
                    name: "steady",
                    duration: .nanoseconds(Self.interval) * messages,
                    rate: 1e9 / Double(Self.interval),
                    measure: true
                ),
            ]),
            endpoints: [Endpoint(host: "127.0.0.1", port: 1, isTLS: false)],
            accounts: (0..<clients).map { Account(userID: Int64($0) + 1, username: "u\($0)", token: "t\($0)") },
            rooms: [RoomPlan(id: Inputs.roomID, accessCode: nil, members: Array(0..<clients))],
            auth: .query,
            payloadBytes: 120,
            traceShare: 0,
            connectRate: 100
        )
        let eventLoop = EmbeddedEventLoop()
        loop = GeneratorLoop(
            index: 0,
            loopCount: 1,
            eventLoop: eventLoop,
            plan: plan,
            clock: RunClock(),
            connector: try Connector(endpoints: plan.endpoints, trust: .system),
            history: RoomHistory(http: .shared, plan: plan)
        )
        loop.users = (0..<clients).map { VirtualUser(index: $0, loop: loop) }
        for user in loop.users {
            let socket = EmbeddedChannel(loop: eventLoop)
            user.connecting(planned: loop.clock.now)
            try socket.pipeline.syncOperations.addHandlers([sink, user])
            user.state = .ready
            user.memberships[0].track = ReceiverTrack(base: 0)
            sockets.append(socket)
        }
        frames = (0..<messages).map(frame)
    }

    /// The messages as their receivers get them, each in a read of its own, all by one client.
    func receive(_ count: Int) throws -> Int {
        let before = loop.measured.delivered
        let pipeline = sockets[0].pipeline.syncOperations
        for _ in 0..<count {
            pipeline.fireChannelRead(NIOAny(frames[next]))
            next += 1
        }
        return loop.counts.violations == 0 ? loop.measured.delivered - before : 0
    }

    /// The schedule's start is moved so that with every tick one more message is due.
    func tick(_ count: Int) throws -> Int {
        let (sent, writes) = (loop.measured.sent, sink.taken.writes)
        for _ in 0..<count {
            // Ever less late, so that each timer comes after the one before it, as in a run.
            let lateness = Int64(loop.plan.schedule.count - next) * 10_000_000
            let instant = loop.plan.schedule.instant(of: next) ?? 0
            loop.play(from: loop.clock.now - lateness - instant)
            next += 1
        }
        return min(loop.measured.sent - sent, sink.taken.writes - writes)
    }

    private func frame(_ n: Int) -> ByteBuffer {
        let planned = loop.clock.now
        let stamp = MessageStamp(run: 1, sender: 7, instance: 0, n: n, planned: planned, sent: planned + 40_000)
        var content = ByteBuffer()
        stamp.write(into: &content, payloadBytes: loop.plan.payloadBytes)
        let message = Message(
            roomID: Inputs.roomID,
            id: 7_340_112 + Int64(n),
            seq: Int64(n) + 1,
            userID: 8,
            username: "bench-user-7",
            content: String(buffer: content),
            clientMessageID: MessageKey.text(run: 1, n: n),
            createdAt: Timestamp(microseconds: planned / 1000)
        )
        var frame = ByteBuffer()
        ServerEvent.message(message, trace: nil).encodeFrame(into: &frame)
        return frame
    }
}
