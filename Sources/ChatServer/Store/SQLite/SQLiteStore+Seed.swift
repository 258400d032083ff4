import ChatProtocol
import Foundation
import GRDB

extension SQLiteStore {
    func seed(_ plan: SeedPlan, now: Timestamp) async throws -> Seeded {
        try await write { db in
            var seeded = Seeded()
            let insertUser = try db.cachedStatement(
                sql: "INSERT INTO users (username, password, created_at) VALUES (?, ?, ?)"
            )
            let insertSession = try db.cachedStatement(
                sql: "INSERT INTO sessions (user_id, created_at) VALUES (?, ?)"
            )
            for index in 0..<plan.users {
                let username = "\(plan.prefix)-\(index + 1)"
                try insertUser.execute(arguments: [username, plan.passwordHash, now])
                let user = User(id: db.lastInsertedRowID, username: username)
                try insertSession.execute(arguments: [user.id, now])
                seeded.users.append((user, db.lastInsertedRowID))
            }
            let insertRoom = try db.cachedStatement(
                sql: "INSERT INTO rooms (name, is_private, access_code, created_at) VALUES (?, ?, ?, ?)"
            )
            for index in plan.roomSizes.indices {
                let code = plan.isPrivate ? Secrets.random(bytes: 9) : nil
                let name = "\(plan.prefix) room \(index + 1)"
                try insertRoom.execute(
                    arguments: [name, plan.isPrivate, code.map(Secrets.accessCodeHash), now]
                )
                let roomID = db.lastInsertedRowID
                let members = plan.members(ofRoom: index).map { seeded.users[$0].0.id }
                for (place, userID) in members.enumerated() where place == 0 || !plan.isPrivate {
                    let role: Role = place == 0 ? .owner : .member
                    try Self.insertMember(roomID: roomID, userID: userID, role: role, now: now, db)
                }
                seeded.rooms.append(.init(id: roomID, name: name, accessCode: code, members: members))
            }
            return seeded
        }
    }
}
