import Testing

@testable import RedisClient

struct HandshakeTests {
    @Test(arguments: [
        ("redis://h", nil, ["PING"]),
        ("redis://:p@h", "chat", ["AUTH p", "CLIENT SETNAME chat", "PING"]),
        ("redis://u:p@h/3", nil, ["AUTH u p", "SELECT 3", "PING"]),
    ])
    func `the first commands`(address: String, name: String?, expected: [String]) throws {
        let handshake = Handshake(server: try RedisServer(parsing: address), clientName: name)
        let commands = expected.map { RedisCommand($0.split(separator: " ").map(String.init)).bytes }
        #expect(handshake.commands.map(\.command.bytes) == commands)
    }
}
