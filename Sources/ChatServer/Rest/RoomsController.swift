import ChatProtocol
import Hummingbird
import NIOCore

/// `/rooms/…` and `/invitations/…`
struct RoomsController: Sendable {
    let rooms: RoomService
    let presence: Presence

    @Sendable func list(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        let (afterID, limit) = try page(request)
        let views = try await rooms.list(for: user, afterID: afterID, limit: limit + 1)
        return Self.page(views, limit: limit, key: "rooms", id: \.room.id) { $1.encode(into: &$0) }
    }

    @Sendable func create(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        let names: FlatObject.Names = ["name", "is_private", "access_code"]
        let (name, isPrivate, code) = try await BodyReader.read(request, names) { body in
            let name = body.text(0, length: Limits.roomNameLength)
            let isPrivate = body.optionalBool(1) ?? false
            let code = body.optionalText(2, length: Limits.accessCodeLength)
            if code != nil, !isPrivate { body.fail("access_code", "is for private rooms only") }
            return name.map { ($0, isPrivate, code) }
        }
        let view = try await rooms.create(name: name, isPrivate: isPrivate, accessCode: code, owner: user)
        return .json(.created, view.encode)
    }

    @Sendable func get(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        .json(.ok, try await rooms.get(try roomID(context), for: user).encode)
    }

    @Sendable func join(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        let id = try roomID(context)
        let code = try await BodyReader.read(request, ["access_code"], optional: true) { body -> String?? in
            .some(body.optionalText(0, length: 0...Limits.maxBodyBytes))
        }
        return .json(.ok, try await rooms.join(id, accessCode: code, as: user, from: context.address).encode)
    }

    @Sendable func leave(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        try await rooms.leave(try roomID(context), as: user)
        return .noContent
    }

    @Sendable func members(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        let id = try roomID(context)
        let (afterID, limit) = try page(request)
        let members = try await rooms.members(of: id, for: user, afterID: afterID, limit: limit + 1)
        return Self.page(members, limit: limit, key: "members", id: \.user.id) { buffer, member in
            member.encode(online: presence.isOnline(member.user.id, in: id), into: &buffer)
        }
    }

    @Sendable func removeMember(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        let id = try roomID(context)
        let member = try QueryReader.id("user_id", context, orThrow: .notFound)
        try await rooms.remove(member, from: id, by: user)
        return .noContent
    }

    @Sendable func history(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        let id = try roomID(context)
        var query = QueryReader(request)
        let before = query.integer("before_seq", in: 0...Int64.max)
        let after = query.integer("after_seq", in: 0...Int64.max)
        let limit = query.limit()
        if before != nil, after != nil { query.fail("after_seq", "cannot be given with before_seq") }
        try query.finish()
        let page = before.map(MessagePage.before) ?? after.map(MessagePage.after) ?? .latest
        let (messages, hasMore) = try await rooms.history(of: id, for: user, page: page, limit: limit)
        return .json { buffer in
            buffer.writeStaticString(#"{"messages":"#)
            buffer.writeArray(messages) { buffer, message in
                buffer.writeStaticString("{")
                message.encodeMembers(into: &buffer)
                buffer.writeStaticString("}")
            }
            buffer.writeKey("has_more")
            buffer.writeString(hasMore ? "true}" : "false}")
        }
    }

    @Sendable func invite(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        let id = try roomID(context)
        let names: FlatObject.Names = ["max_uses", "expires_in"]
        let (maxUses, expiresIn) = try await BodyReader.read(request, names, optional: true) { body in
            (body.optionalInteger(0, in: 1...1_000_000), body.optionalInteger(1, in: 1...31_536_000))
        }
        let invitation = try await rooms.invite(to: id, by: user, maxUses: maxUses, expiresIn: expiresIn)
        return .json(.created, invitation.encode)
    }

    @Sendable func accept(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        let code = context.parameters.get("code") ?? ""
        return .json(.ok, try await rooms.accept(invitation: code, as: user, from: context.address).encode)
    }

    // MARK: - Pages

    private func roomID(_ context: RestContext) throws -> RoomID {
        try QueryReader.id("id", context, orThrow: .roomNotFound)
    }

    private func page(_ request: Request) throws -> (afterID: Int64, limit: Int) {
        var query = QueryReader(request)
        let afterID = query.integer("after_id", in: 0...Int64.max) ?? 0
        let limit = query.limit()
        try query.finish()
        return (afterID, limit)
    }

    /// A page of what was read with one element beyond the limit: that one tells whether there are more.
    private static func page<T>(
        _ elements: [T],
        limit: Int,
        key: StaticString,
        id: (T) -> Int64,
        _ write: (inout ByteBuffer, T) -> Void
    ) -> Response {
        let shown = elements.prefix(limit)
        return .json { buffer in
            buffer.writeStaticString("{")
            buffer.writeKey(key, first: true)
            buffer.writeArray(shown, write)
            buffer.writeKey("next_after_id")
            buffer.writeOptional(elements.count > limit ? shown.last.map(id) : nil) { $0.writeDecimal($1) }
            buffer.writeStaticString("}")
        }
    }
}
