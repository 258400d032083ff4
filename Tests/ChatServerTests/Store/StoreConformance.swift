import ChatProtocol
import Foundation
import Testing

@testable import ChatServer

/// What every ``Store`` promises. An implementation's suite calls ``run(_:)`` with each case.
///
/// A case gets a store of its own, empty, and a way to open the same data again.
struct StoreConformance: Sendable {
    /// Opens the data anew; the caller has closed what was open before.
    typealias Reopen = @Sendable () async throws -> any Store

    let store: any Store
    let reopen: Reopen

    enum Case: String, CaseIterable, Sendable {
        case users, passwordHashes, sessions, lostAnswer, reuse, chainOfReuse, expiry, revocation
        case rooms, memberships, standings, invitations, invitationLimits, oldInvitations
        case listing, updates, reading, invitationList, deletion, purge, deletionRaces
        case append, batches, duplicates, unknownRoom, concurrentAppends, concurrentDuplicates
        case pages, catchUp, durability, seed
    }

    func run(_ name: Case) async throws {
        switch name {
        case .users: try await users()
        case .passwordHashes: try await passwordHashes()
        case .sessions: try await sessions()
        case .lostAnswer: try await lostAnswer()
        case .reuse: try await reuse()
        case .chainOfReuse: try await chainOfReuse()
        case .expiry: try await expiry()
        case .revocation: try await revocation()
        case .rooms: try await rooms()
        case .memberships: try await memberships()
        case .standings: try await standings()
        case .invitations: try await invitations()
        case .invitationLimits: try await invitationLimits()
        case .oldInvitations: try await oldInvitations()
        case .listing: try await listing()
        case .updates: try await updates()
        case .reading: try await reading()
        case .invitationList: try await invitationList()
        case .deletion: try await deletion()
        case .purge: try await purge()
        case .deletionRaces: try await deletionRaces()
        case .append: try await append()
        case .batches: try await batches()
        case .duplicates: try await duplicates()
        case .unknownRoom: try await unknownRoom()
        case .concurrentAppends: try await concurrentAppends()
        case .concurrentDuplicates: try await concurrentDuplicates()
        case .pages: try await pages()
        case .catchUp: try await catchUp()
        case .durability: try await durability()
        case .seed: try await seed()
        }
    }

    // MARK: - Helpers

    /// So many seconds after some instant.
    func at(_ seconds: Double) -> Timestamp {
        Timestamp(microseconds: 1_750_000_000_000_000 + Int64(seconds * 1_000_000))
    }

    func user(_ name: String) async throws -> User {
        try await store.createUser(username: name, passwordHash: "hash of \(name)", now: at(0))
    }

    func room(_ owner: User, isPrivate: Bool = false) async throws -> RoomID {
        try await store.createRoom(
            name: "room",
            isPrivate: isPrivate,
            accessCodeHash: nil,
            ownerID: owner.id,
            now: at(0)
        ).id
    }

    func message(_ room: RoomID, _ user: User, _ id: String, _ content: String = "hello") -> NewMessage {
        NewMessage(roomID: room, userID: user.id, content: content, clientMessageID: id)
    }

    /// The `seq` of what was stored; nil for a failure.
    static func seq(_ outcome: AppendOutcome) -> Sequence64? {
        if case .stored(_, let seq, _, _) = outcome { seq } else { nil }
    }

    static func digest(_ text: String) -> TokenDigest { Secrets.digest(text) }
}
