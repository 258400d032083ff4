import ChatProtocol
import PostgresClient

extension PostgresStore {
    private static let seedUsers = PostgresStatement(
        """
        WITH names AS (SELECT name, place FROM unnest($1::text[]) WITH ORDINALITY AS t (name, place)),
        made AS (
            INSERT INTO users (username, password, created_at) SELECT name, $2, $3 FROM names ORDER BY place
            RETURNING id, username
        ),
        opened AS (INSERT INTO sessions (user_id, created_at) SELECT id, $3 FROM made RETURNING id, user_id)
        SELECT made.id, made.username, opened.id
        FROM made JOIN opened ON opened.user_id = made.id JOIN names ON names.name = made.username ORDER BY names.place
        """
    )
    private static let seedRooms = PostgresStatement(
        """
        INSERT INTO rooms (name, is_private, access_code, created_at)
        SELECT name, $3, nullif(code, ''), $4 FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (name, code, place)
        ORDER BY place RETURNING id
        """
    )
    private static let seedMembers = PostgresStatement(
        """
        INSERT INTO memberships (room_id, user_id, role, joined_at)
        SELECT room_id, user_id, role, $4 FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS t (room_id, user_id, role)
        """
    )
    private static let seedBatch = 2000

    func seed(_ plan: SeedPlan, now: Timestamp) async throws -> Seeded {
        try await run { connection in
            try connection.transaction { connection in
                var seeded = Seeded()
                for start in stride(from: 0, to: plan.users, by: Self.seedBatch) {
                    let names = (start..<min(start + Self.seedBatch, plan.users)).map { "\(plan.prefix)-\($0 + 1)" }
                    let rows = try connection.query(
                        Self.seedUsers,
                        [.textArray(names), .text(plan.passwordHash), .time(now)]
                    )
                    for row in rows {
                        let user = User(id: try row.int64(0), username: try row.text(1))
                        seeded.users.append((user, try row.int64(2)))
                    }
                }
                for start in stride(from: 0, to: plan.roomSizes.count, by: Self.seedBatch) {
                    let places = start..<min(start + Self.seedBatch, plan.roomSizes.count)
                    try Self.seedRooms(connection, places, plan, now, &seeded)
                }
                return seeded
            }
        }
    }

    private static func seedRooms(
        _ connection: isolated PostgresConnection,
        _ places: Range<Int>,
        _ plan: SeedPlan,
        _ now: Timestamp,
        _ seeded: inout Seeded
    ) throws {
        let names = places.map { "\(plan.prefix) room \($0 + 1)" }
        let codes = places.map { _ in plan.isPrivate ? Secrets.random(bytes: 9) : nil }
        // An array has no NULL here: an empty one says that there is no code.
        let hashes = codes.map { $0.map(Secrets.accessCodeHash) ?? "" }
        let rows = try connection.query(
            seedRooms,
            [.textArray(names), .textArray(hashes), .bool(plan.isPrivate), .time(now)]
        )
        var rooms: [Int64] = []
        var users: [Int64] = []
        var roles: [String] = []
        for (offset, place) in places.enumerated() {
            let roomID = try rows[offset].int64(0)
            let members = plan.members(ofRoom: place).map { seeded.users[$0].0.id }
            for (index, userID) in members.enumerated() where index == 0 || !plan.isPrivate {
                rooms.append(roomID)
                users.append(userID)
                roles.append((index == 0 ? Role.owner : .member).rawValue)
            }
            seeded.rooms.append(
                .init(id: roomID, name: names[offset], accessCode: codes[offset], members: members)
            )
        }
        for start in stride(from: 0, to: rooms.count, by: 20_000) {
            let end = min(start + 20_000, rooms.count)
            try connection.query(
                seedMembers,
                [
                    .int64Array(Array(rooms[start..<end])), .int64Array(Array(users[start..<end])),
                    .textArray(Array(roles[start..<end])), .time(now),
                ]
            )
        }
    }
}
