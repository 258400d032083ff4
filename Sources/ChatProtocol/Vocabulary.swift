/// A user's id: a positive integer that rises with time.
package typealias UserID = Int64
/// A room's id: a positive integer that rises with time.
package typealias RoomID = Int64
/// A message's id: a positive integer that rises with time, unique over all rooms.
package typealias MessageID = Int64
/// A message's place in its room: 1, 2, 3 … with no hole, in commit order.
package typealias Sequence64 = Int64

/// The fixed limits of the wire. Lengths of text count Unicode scalars.
package enum Limits {
    package static let usernameLength = 3...50
    package static let passwordLength = 8...128
    package static let roomNameLength = 1...100
    package static let accessCodeLength = 4...64
    package static let contentLength = 1...4000
    package static let clientMessageIDLength = 1...64
    /// A frame, or a fragmented message in total, may have this many bytes and no more.
    package static let maxFrameBytes = 65_536
    package static let maxBodyBytes = 65_536
    package static let pageLimit = 1...200
    package static let defaultPageLimit = 50
}

/// The stable machine words of problems over REST and of `error` events over the WebSocket.
package enum ErrorCode: String, Sendable, CaseIterable {
    case malformedJSON = "malformed_json"
    case badRequest = "bad_request"
    case unauthorized
    case invalidCredentials = "invalid_credentials"
    case forbidden
    case wrongAccessCode = "wrong_access_code"
    case notFound = "not_found"
    case roomNotFound = "room_not_found"
    case methodNotAllowed = "method_not_allowed"
    case usernameTaken = "username_taken"
    case ownerCannotLeave = "owner_cannot_leave"
    case invitationExpired = "invitation_expired"
    case invitationUsedUp = "invitation_used_up"
    case tooLarge = "too_large"
    case validationFailed = "validation_failed"
    case rateLimited = "rate_limited"
    case overloaded
    case notJoined = "not_joined"
    case unknownEvent = "unknown_event"
    case invalidEvent = "invalid_event"
    case internalError = "internal_error"
}

/// Why a client event was refused: what an `error` event says. The connection lives on.
package struct ProtocolError: Error, Equatable, Sendable {
    package var code: ErrorCode
    package var message: String
    package var roomID: RoomID?
    package var clientMessageID: String?
    package var retryAfterMilliseconds: Int?

    package init(
        _ code: ErrorCode,
        _ message: String,
        roomID: RoomID? = nil,
        clientMessageID: String? = nil,
        retryAfterMilliseconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.roomID = roomID
        self.clientMessageID = clientMessageID
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}

/// WebSocket close codes (RFC 6455 section 7.4.1, and 1013 of the IANA registry).
package enum CloseCode: UInt16, Sendable {
    case normal = 1000
    case goingAway = 1001
    case protocolError = 1002
    case unsupportedData = 1003
    case invalidUTF8 = 1007
    case policyViolation = 1008
    case tooBig = 1009
    case internalError = 1011
    case tryAgainLater = 1013
}

/// A close code with its reason: how the server ends a connection.
package struct CloseReason: Equatable, Sendable {
    package var code: CloseCode
    package var reason: String

    package init(_ code: CloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package static let draining = CloseReason(.goingAway, "draining")
    package static let binaryFrame = CloseReason(.unsupportedData, "binary frames are not accepted")
    package static let notUTF8 = CloseReason(.invalidUTF8, "text is not UTF-8")
    package static let frameTooBig = CloseReason(.tooBig, "frame over 65536 bytes")
    package static let authenticationTimeout = CloseReason(.policyViolation, "token_missing")
    package static let tokenInvalid = CloseReason(.policyViolation, "token_invalid")
    package static let tokenExpired = CloseReason(.policyViolation, "token_expired")
    package static let tokenRevoked = CloseReason(.policyViolation, "token_revoked")
    package static let anotherUser = CloseReason(.policyViolation, "token_of_another_user")
    package static let pingTimeout = CloseReason(.goingAway, "ping_timeout")
    package static let slowConsumer = CloseReason(.tryAgainLater, "slow_consumer")
    package static let rateLimited = CloseReason(.tryAgainLater, "rate_limited")
    package static let overCapacity = CloseReason(.tryAgainLater, "over_capacity")
}

/// The instants of one message's way, each taken by the instance that did the step; nanoseconds since the Unix epoch.
package struct Trace: Equatable, Sendable {
    package var receivedNanoseconds: Int64
    package var persistedNanoseconds: Int64
    package var publishedNanoseconds: Int64
    package var brokerReceivedNanoseconds: Int64
    /// The sender's instance.
    package var origin: String
    /// The receiver's instance.
    package var instance: String

    package init(
        receivedNanoseconds: Int64,
        persistedNanoseconds: Int64 = 0,
        publishedNanoseconds: Int64 = 0,
        brokerReceivedNanoseconds: Int64 = 0,
        origin: String = "",
        instance: String = ""
    ) {
        self.receivedNanoseconds = receivedNanoseconds
        self.persistedNanoseconds = persistedNanoseconds
        self.publishedNanoseconds = publishedNanoseconds
        self.brokerReceivedNanoseconds = brokerReceivedNanoseconds
        self.origin = origin
        self.instance = instance
    }
}

/// A stored message, as REST and WebSocket show it.
package struct Message: Equatable, Sendable {
    package var roomID: RoomID
    package var id: MessageID
    package var seq: Sequence64
    package var userID: UserID
    package var username: String
    package var content: String
    package var clientMessageID: String
    /// Microseconds since the Unix epoch.
    package var createdAt: Timestamp

    package init(
        roomID: RoomID,
        id: MessageID,
        seq: Sequence64,
        userID: UserID,
        username: String,
        content: String,
        clientMessageID: String,
        createdAt: Timestamp
    ) {
        self.roomID = roomID
        self.id = id
        self.seq = seq
        self.userID = userID
        self.username = username
        self.content = content
        self.clientMessageID = clientMessageID
        self.createdAt = createdAt
    }
}
