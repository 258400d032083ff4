import ChatProtocol
import Foundation

/// What `ChatServer seed` writes.
enum SeedOutput {
    private struct Line: Decodable {
        struct User: Decodable {
            var id: UserID
            var username: String
            var token: String
        }
        struct Room: Decodable {
            var id: RoomID
            var accessCode: String?
            var members: [UserID]
        }
        var user: User?
        var room: Room?
    }

    static func parse(_ data: Data) throws -> ([Account], [RoomPlan]) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var accounts: [Account] = []
        var places: [UserID: Int] = [:]
        var rooms: [RoomPlan] = []
        for line in data.split(separator: 0x0A) {
            let line = try decoder.decode(Line.self, from: Data(line))
            if let user = line.user {
                places[user.id] = accounts.count
                accounts.append(Account(userID: user.id, username: user.username, token: user.token))
            } else if let room = line.room {
                let members = room.members.compactMap { places[$0] }
                rooms.append(RoomPlan(id: room.id, accessCode: room.accessCode, members: members))
            }
        }
        return (accounts, rooms)
    }
}
