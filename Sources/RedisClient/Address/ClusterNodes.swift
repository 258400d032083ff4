/// The text of `CLUSTER NODES`: a line for each node,
/// `id ip:port@bus-port[,hostname] flags master ping pong epoch link-state slots…`.
enum ClusterNodes {
    /// The nodes that can be connected to: neither failed nor still shaking hands.
    /// - Parameter asked: the server that answered; its credentials and encryption serve for the others, and its host
    ///   stands in where a node does not know its own.
    static func servers(in text: String, from asked: RedisServer) -> [RedisServer] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count >= 8 else { return nil }
            let flags = fields[2].split(separator: ",")
            guard !flags.contains("fail"), !flags.contains("noaddr"), !flags.contains("handshake") else { return nil }
            return server(fields[1], from: asked)
        }
    }

    private static func server(_ address: Substring, from asked: RedisServer) -> RedisServer? {
        let address = address.prefix { $0 != "@" && $0 != "," }
        // IPv6 stands without brackets here, so the port is what follows the last colon.
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        let host = address[..<colon]
        if !host.isEmpty { return asked.at(host: String(host), port: port) }
        guard case .host(let known, _) = asked.endpoint else { return nil }
        return asked.at(host: known, port: port)
    }
}
