/// What a client says: one text frame, one flat JSON object.
package enum ClientEvent: Equatable, Sendable {
    case authenticate(token: String)
    case joinRoom(JoinRoom)
    case leaveRoom(roomID: RoomID)
    case messageSend(MessageSend)
    case typing(roomID: RoomID)
    /// `t` as it stood in the frame: the JSON text of a number or a string, or nil.
    case ping(t: String?)

    package struct JoinRoom: Equatable, Sendable {
        package var roomID: RoomID
        package var accessCode: String?
        /// The last `seq` that the client has: what comes after it was missed.
        package var afterSeq: Sequence64?
        /// The line of history that `afterSeq` belongs to.
        package var epoch: String?

        package init(roomID: RoomID, accessCode: String? = nil, afterSeq: Sequence64? = nil, epoch: String? = nil) {
            self.roomID = roomID
            self.accessCode = accessCode
            self.afterSeq = afterSeq
            self.epoch = epoch
        }
    }

    package struct MessageSend: Equatable, Sendable {
        package var roomID: RoomID
        package var content: String
        package var clientMessageID: String
        package var trace: Bool

        package init(roomID: RoomID, content: String, clientMessageID: String, trace: Bool = false) {
            self.roomID = roomID
            self.content = content
            self.clientMessageID = clientMessageID
            self.trace = trace
        }
    }
}
