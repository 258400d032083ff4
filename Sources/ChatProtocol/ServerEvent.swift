import NIOCore

/// What the server says: one text frame, one flat JSON object (`trace` alone is nested).
package enum ServerEvent: Equatable, Sendable {
    case ready(Ready)
    case roomJoined(RoomJoined)
    case roomLeft(roomID: RoomID, reason: LeaveReason)
    /// The room has another name.
    case roomUpdated(roomID: RoomID, name: String)
    case message(Message, trace: Trace?)
    case ack(Ack)
    case userJoined(Presence)
    case userLeft(Presence)
    case typing(roomID: RoomID, userID: UserID, username: String)
    case error(ProtocolError)
    /// `t` is the JSON text that came with the ping.
    case pong(t: String?, serverTimeNanoseconds: Int64)

    package struct Ready: Equatable, Sendable {
        package var userID: UserID
        package var username: String
        package var instance: String
        package var epoch: String
        package var pingIntervalMilliseconds: Int
        package var maxFrameBytes: Int

        package init(
            userID: UserID,
            username: String,
            instance: String,
            epoch: String,
            pingIntervalMilliseconds: Int,
            maxFrameBytes: Int = Limits.maxFrameBytes
        ) {
            self.userID = userID
            self.username = username
            self.instance = instance
            self.epoch = epoch
            self.pingIntervalMilliseconds = pingIntervalMilliseconds
            self.maxFrameBytes = maxFrameBytes
        }
    }

    package struct RoomJoined: Equatable, Sendable {
        package var roomID: RoomID
        package var seq: Sequence64
        package var epoch: String
        package var online: Int
        package var recovered: Bool

        package init(roomID: RoomID, seq: Sequence64, epoch: String, online: Int, recovered: Bool) {
            self.roomID = roomID
            self.seq = seq
            self.epoch = epoch
            self.online = online
            self.recovered = recovered
        }
    }

    package enum LeaveReason: String, Sendable {
        case left, removed, revoked, deleted
    }

    package struct Ack: Equatable, Sendable {
        package var clientMessageID: String
        package var roomID: RoomID
        package var id: MessageID
        package var seq: Sequence64
        package var createdAt: Timestamp
        package var duplicate: Bool
        /// When the server read the frame and when it committed, if the sender asked for a trace.
        package var trace: AckTrace?

        package init(
            clientMessageID: String,
            roomID: RoomID,
            id: MessageID,
            seq: Sequence64,
            createdAt: Timestamp,
            duplicate: Bool,
            trace: AckTrace? = nil
        ) {
            self.clientMessageID = clientMessageID
            self.roomID = roomID
            self.id = id
            self.seq = seq
            self.createdAt = createdAt
            self.duplicate = duplicate
            self.trace = trace
        }
    }

    package struct AckTrace: Equatable, Sendable {
        package var receivedNanoseconds: Int64
        package var persistedNanoseconds: Int64

        package init(receivedNanoseconds: Int64, persistedNanoseconds: Int64) {
            self.receivedNanoseconds = receivedNanoseconds
            self.persistedNanoseconds = persistedNanoseconds
        }
    }

    package struct Presence: Equatable, Sendable {
        package var roomID: RoomID
        package var userID: UserID
        package var username: String
        package var online: Int

        package init(roomID: RoomID, userID: UserID, username: String, online: Int) {
            self.roomID = roomID
            self.userID = userID
            self.username = username
            self.online = online
        }
    }
}
