import AsyncHTTPClient
import ChatProtocol

/// Reads rooms' histories over REST, a page at a time. Whatever a server answers, reading comes to an end.
struct RoomHistory: Sendable {
    struct Message: Decodable, Sendable, Equatable {
        var id: MessageID
        var seq: Sequence64
        var content: String
        var clientMsgId: String
    }

    struct Page: Decodable, Sendable, Equatable {
        var messages: [Message]
        var hasMore: Bool
    }

    /// A page that no correct server gives.
    struct Failure: Error, CustomStringConvertible, Equatable {
        var description: String
    }

    static let pageLimit = 200

    let http: HTTPClient
    let plan: RunPlan

    /// The page after a `seq`, as a member of the room sees it. Of several servers the first that answers is asked.
    /// - Throws: ``Failure``, or why no server answered.
    func page(_ room: Int, as member: Int, after: Sequence64) async throws -> Page {
        let path = "/rooms/\(plan.rooms[room].id)/messages?after_seq=\(after)&limit=\(Self.pageLimit)"
        var cause: any Error = Failure(description: "there is no server to ask")
        for endpoint in plan.endpoints {
            let rest = RestClient(http: http, baseURL: endpoint.baseURL, timeout: .seconds(10))
            do {
                let page = try await rest.send("GET", path, token: plan.tokens[member], as: Page.self)
                try Self.check(page, after: after, highest: plan.highestSeq)
                return page
            } catch let failure as Failure {
                throw Failure(description: "the history of room \(plan.rooms[room].id) \(failure)")
            } catch let error as CancellationError {
                throw error
            } catch {
                cause = error
            }
        }
        throw cause
    }

    /// Every page must go on from the one before, and none beyond what this run can have sent, so that a server that
    /// always has more is left in the end.
    static func check(_ page: Page, after: Sequence64, highest: Sequence64) throws(Failure) {
        var last = after
        for message in page.messages {
            guard message.seq > last else {
                throw Failure(description: "does not rise: seq \(message.seq) comes after seq \(last)")
            }
            last = message.seq
        }
        guard last <= highest else { throw Failure(description: "has seq \(last), more than this run can have sent") }
        guard !page.hasMore || !page.messages.isEmpty else {
            throw Failure(description: "has more after seq \(after), and does not give it")
        }
    }
}
