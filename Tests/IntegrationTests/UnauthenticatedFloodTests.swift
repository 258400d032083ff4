import ChatProtocol
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import LoadGen

/// Ten thousand sockets that open a WebSocket and then say nothing: each gets its 1008 after five seconds, and the
/// server goes on as if nothing had been.
extension ProgramTests {
    @Suite struct UnauthenticatedFloodTests {
        private static let count = 10_000

        @Test(.timeLimit(.minutes(2)))
        func everySilentConnectionIsClosedAfterFiveSeconds() async throws {
            HostFacts.raiseFileDescriptorLimit()
            try #require(
                HostFacts.fileDescriptorLimit > Self.count + 500, "the limit of open files is too low (ulimit -n)")
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("flood-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let server = try ChildProcess(
                "ChatServer",
                executable: BuiltPrograms.chatServer(),
                arguments: [
                    "--port", "0", "--limits", "off", "--store", "sqlite:\(folder.path)/chat.db",
                    "--stop-with-stdin",
                ],
                log: folder.appendingPathComponent("log")
            )
            do {
                try await flood(port: try await BuiltPrograms.port(of: server))
            } catch {
                await server.stop()
                throw error
            }
            #expect(server.isRunning)
            await server.stop()
        }

        private func flood(port: Int) async throws {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let tally = Tally()
            // Not all at once: 2,000 a second keeps the accept queue short, so the five seconds are the server's.
            for index in 0..<Self.count {
                let source = try SocketAddress(ipAddress: "127.0.0.\(1 + index % 8)", port: 0)
                ClientBootstrap(group: group)
                    .channelOption(ChannelOptions.Types.SocketOption(level: .ip, name: .init(rawValue: 24)), value: 1)
                    .bind(to: source)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(SilentClient(tally: tally))
                        }
                    }
                    .connect(host: "127.0.0.1", port: port)
                    .whenFailure { _ in tally.add(\.failed) }
                if index % 100 == 99 { try await Task.sleep(for: .milliseconds(50)) }
            }
            let deadline = ContinuousClock.now + .seconds(40)
            while tally.snapshot.closed + tally.snapshot.failed < Self.count, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
            let result = tally.snapshot
            #expect(result.failed == 0)
            #expect(result.opened == Self.count)
            #expect(result.closedWithPolicyViolation == Self.count)
            #expect(result.earliest >= 4.9, "closed after \(result.earliest) s")
            #expect(result.latest <= 15, "closed after \(result.latest) s")
            try await group.shutdownGracefully()
        }

        final class Tally: Sendable {
            struct Counts: Sendable {
                var opened = 0
                var failed = 0
                var closed = 0
                var closedWithPolicyViolation = 0
                var earliest = Double.infinity
                var latest = 0.0
            }

            private let counts = Mutex(Counts())

            var snapshot: Counts { counts.withLock { $0 } }

            func add(_ path: WritableKeyPath<Counts, Int> & Sendable) { counts.withLock { $0[keyPath: path] += 1 } }

            func closed(after seconds: Double) {
                counts.withLock {
                    $0.earliest = min($0.earliest, seconds)
                    $0.latest = max($0.latest, seconds)
                }
            }
        }

        /// Opens the WebSocket and then only listens.
        private final class SilentClient: ChannelInboundHandler {
            typealias InboundIn = ByteBuffer
            typealias OutboundOut = ByteBuffer

            private let tally: Tally
            private var pending = ByteBuffer()
            private var cookies = CookieJar()
            private var isOpen = false
            // The server counts from the upgrade, so never from before this.
            private var askedAt = NIODeadline.now()

            init(tally: Tally) {
                self.tally = tally
            }

            func channelActive(context: ChannelHandlerContext) {
                askedAt = .now()
                let request = """
                    GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                    """
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
            }

            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                var bytes = unwrapInboundIn(data)
                pending.writeBuffer(&bytes)
                if !isOpen, case .accepted = UpgradeRequest.answer(&pending, cookies: &cookies) {
                    isOpen = true
                    tally.add(\.opened)
                }
                guard isOpen, pending.readableBytes >= 4,
                    pending.getInteger(at: pending.readerIndex) == UInt8(0x88)
                else { return }
                tally.closed(after: Double((NIODeadline.now() - askedAt).nanoseconds) / 1e9)
                let code = pending.getInteger(at: pending.readerIndex + 2, as: UInt16.self)
                if code == CloseCode.policyViolation.rawValue { tally.add(\.closedWithPolicyViolation) }
                context.close(promise: nil)
            }

            func channelInactive(context: ChannelHandlerContext) {
                tally.add(\.closed)
            }
        }
    }
}
