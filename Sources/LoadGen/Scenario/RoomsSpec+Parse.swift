import Foundation
import Yams

extension RoomsSpec {
    private static let keys = ["count", "members", "private"]

    /// Reads `{count: 50, members: 20, private: true}`, or members as `{zipf: 1.1, max: 500}`.
    static func read(_ node: Node, _ diagnostics: inout Diagnostics) -> RoomsSpec? {
        guard let mapping = MappingReader(node, place: "'rooms'", keys: keys, &diagnostics) else { return nil }
        let countNode = mapping.required("count", example: "count: 50", &diagnostics)
        let count = diagnostics.integer(countNode, "count", in: 0...Scenario.maximumClients)
        let isPrivate = diagnostics.boolean(mapping.optional("private"), "private") ?? false
        // Without rooms nobody is a member; then a members key is superfluous, but `rooms.count=0` may leave it there.
        if count == 0, !mapping.has("members") {
            return RoomsSpec(count: 0, members: .fixed(0), isPrivate: isPrivate)
        }
        let membersNode = mapping.required("members", example: "members: 20", &diagnostics)
        let members = membersNode.flatMap { readMembers($0, &diagnostics) }
        guard let count, let members else { return nil }
        return RoomsSpec(count: count, members: count == 0 ? .fixed(0) : members, isPrivate: isPrivate)
    }

    private static func readMembers(_ node: Node, _ diagnostics: inout Diagnostics) -> RoomMembers? {
        guard node.mapping != nil else {
            guard node.scalar != nil else {
                let hint = "write members: 20, or members: {zipf: 1.1, max: 500}"
                diagnostics.report("'members' is \(node.kind), not a number", hint: hint, at: node)
                return nil
            }
            return diagnostics.integer(node, "members", in: 1...Scenario.maximumClients).map(RoomMembers.fixed)
        }
        guard let mapping = MappingReader(node, place: "'members'", keys: ["zipf", "max"], &diagnostics) else {
            return nil
        }
        let exponentNode = mapping.required("zipf", example: "zipf: 1.1", &diagnostics)
        let maxNode = mapping.required("max", example: "max: 500", &diagnostics)
        let exponent = diagnostics.number(exponentNode, "zipf", in: 0...5)
        let max = diagnostics.integer(maxNode, "max", in: 2...Scenario.maximumClients)
        guard let exponent, let max else { return nil }
        return .zipf(exponent: exponent, max: max)
    }

    /// Why this many clients can't fill these rooms, if they can't.
    func problem(forClients clients: Int) -> (message: String, hint: String)? {
        guard count > 0 else { return nil }
        let largest = memberCounts().max() ?? 0
        if largest > clients {
            return (
                "a room has \(largest) members, but there are only \(clients) clients",
                "give a room at most as many members as there are clients"
            )
        }
        let memberships = memberships
        if memberships < clients {
            return (
                "the rooms have \(memberships) places together, too few for \(clients) clients",
                "each client must be in at least one room: raise count or members, or use count: 0 for no rooms"
            )
        }
        if memberships > Scenario.maximumMemberships {
            return (
                "the rooms have \(memberships) memberships together, and each is a join",
                "\(Scenario.maximumMemberships) is the most"
            )
        }
        return nil
    }
}
