import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Opens sockets. To loopback it spreads them over eight source addresses: one address has about 28,000 ports, and the
/// kernel finds a free one many times faster when each has few.
struct Connector: Sendable {
    private static let sourceAddresses = 8
    /// `IP_BIND_ADDRESS_NO_PORT` (ip(7)): the port is chosen at connect, by the whole four-tuple.
    private static let bindAddressNoPort = ChannelOptions.Types.SocketOption(level: .ip, name: .init(rawValue: 24))

    let timeout: TimeAmount
    private let tls: NIOSSLContext?

    init(endpoints: [Endpoint], trust: TLSTrust, timeout: TimeAmount = .seconds(10)) throws {
        self.timeout = timeout
        tls = endpoints.contains { $0.isTLS } ? try NIOSSLContext(configuration: trust.configuration()) : nil
    }

    func connect(_ user: VirtualUser, on eventLoop: any EventLoop) {
        let endpoint = user.endpoint
        let attempt = user.attempt
        let bound = NIOLoopBound(user, eventLoop: eventLoop)
        let tls = tls
        var bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if endpoint.isTLS, let tls {
                        let isName = (try? SocketAddress(ipAddress: endpoint.host, port: 0)) == nil
                        let handler = try NIOSSLClientHandler(
                            context: tls, serverHostname: isName ? endpoint.host : nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
        if endpoint.host == "localhost" || endpoint.host.hasPrefix("127."),
            let source = try? SocketAddress(ipAddress: "127.0.0.\(1 + user.index % Self.sourceAddresses)", port: 0)
        {
            bootstrap = bootstrap.channelOption(Self.bindAddressNoPort, value: 1).bind(to: source)
        }
        bootstrap.connect(host: endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host, port: endpoint.port)
            .whenFailure { error in bound.value.failed(Self.reason(error), attempt: attempt) }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case is NIOConnectionError: "cannot connect"
        case ChannelError.connectTimeout: "connect timed out"
        case let error as IOError where error.errnoCode == EMFILE: "no file descriptor left"
        case let error as IOError where error.errnoCode == ECONNREFUSED: "connection refused"
        case let error as IOError: "connect: \(String(cString: strerror(error.errnoCode)))"
        default: "connect: \(error)"
        }
    }
}
