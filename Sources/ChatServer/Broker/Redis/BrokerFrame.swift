import ChatProtocol
import NIOCore

/// What travels through Redis: a version, who sent it, and a message or a notice. Integers are big-endian, texts have
/// their length before them.
enum BrokerFrame {
    case message(BrokerMessage, from: InstanceID)
    case notice(BrokerNotice, from: InstanceID)
    /// What an instance sends to itself to see that the way is open.
    case probe(from: InstanceID)

    private static let version: UInt8 = 1

    private enum Kind: UInt8 {
        case message = 1
        case probe, memberLeft, sessionRevoked, typing
        case reports, snapshot, snapshotPart, heartbeat, request, goodbye
        case roomDeleted, roomRenamed
    }

    var sender: InstanceID {
        switch self {
        case .message(_, let sender), .notice(_, let sender), .probe(let sender): sender
        }
    }

    // MARK: - Encoding

    func encode() -> ByteBuffer {
        var buffer = ByteBuffer()
        switch self {
        case .message(let message, let sender):
            buffer.reserveCapacity(96 + message.payload.readableBytes)
            Self.begin(&buffer, .message, sender)
            buffer.writeMultipleIntegers(
                message.roomID, message.seq, message.receivedNanoseconds, message.publishedNanoseconds,
                message.trace?.persistedNanoseconds ?? 0
            )
            buffer.writeInteger(message.trace == nil ? 0 : 1, as: UInt8.self)
            buffer.writeText(message.origin)
            buffer.writeImmutableBuffer(message.payload)
        case .probe(let sender): Self.begin(&buffer, .probe, sender)
        case .notice(let notice, let sender): Self.write(notice, from: sender, into: &buffer)
        }
        return buffer
    }

    private static func begin(_ buffer: inout ByteBuffer, _ kind: Kind, _ sender: InstanceID) {
        buffer.writeMultipleIntegers(version, kind.rawValue, sender.bits)
    }

    private static func write(_ notice: BrokerNotice, from sender: InstanceID, into buffer: inout ByteBuffer) {
        switch notice {
        case .memberLeft(let roomID, let userID, let reason):
            begin(&buffer, .memberLeft, sender)
            buffer.writeMultipleIntegers(roomID, userID)
            buffer.writeText(reason.rawValue)
        case .roomDeleted(let roomID):
            begin(&buffer, .roomDeleted, sender)
            buffer.writeInteger(roomID)
        case .roomRenamed(let roomID, let name):
            begin(&buffer, .roomRenamed, sender)
            buffer.writeInteger(roomID)
            buffer.writeText(name)
        case .sessionRevoked(let session):
            begin(&buffer, .sessionRevoked, sender)
            buffer.writeInteger(session)
        case .typing(let roomID, let userID, let username):
            begin(&buffer, .typing, sender)
            buffer.writeMultipleIntegers(roomID, userID)
            buffer.writeText(username)
        case .presence(let notice):
            let (kind, reports): (Kind, [Presence.Report]) =
                switch notice.content {
                case .reports(let reports): (.reports, reports)
                case .snapshot(let reports, let isFirst): (isFirst ? .snapshot : .snapshotPart, reports)
                case .heartbeat: (.heartbeat, [])
                case .request: (.request, [])
                case .goodbye: (.goodbye, [])
                }
            begin(&buffer, kind, sender)
            buffer.writeMultipleIntegers(notice.instance.bits, notice.number)
            for report in reports {
                buffer.writeMultipleIntegers(report.roomID, report.userID, report.isHere ? 1 : 0 as UInt8)
                buffer.writeText(report.username)
            }
        }
    }

    // MARK: - Decoding

    /// - Returns: nil for what no instance of this version has sent.
    init?(_ bytes: ByteBuffer) {
        var bytes = bytes
        guard let (version, rawKind, sender) = bytes.readMultipleIntegers(as: (UInt8, UInt8, UInt64).self),
            version == Self.version, let kind = Kind(rawValue: rawKind)
        else { return nil }
        let instance = InstanceID(bits: sender)
        switch kind {
        case .message:
            guard let message = Self.message(&bytes) else { return nil }
            self = .message(message, from: instance)
        case .probe: self = .probe(from: instance)
        default:
            guard let notice = Self.notice(kind, &bytes) else { return nil }
            self = .notice(notice, from: instance)
        }
    }

    private static func message(_ bytes: inout ByteBuffer) -> BrokerMessage? {
        guard
            let (roomID, seq, received, published, persisted, hasTrace) = bytes.readMultipleIntegers(
                as: (Int64, Int64, Int64, Int64, Int64, UInt8).self), let origin = bytes.readText()
        else { return nil }
        let trace = Trace(
            receivedNanoseconds: received,
            persistedNanoseconds: persisted,
            publishedNanoseconds: published,
            origin: origin
        )
        return BrokerMessage(
            roomID: roomID,
            seq: seq,
            payload: bytes.slice(),
            origin: origin,
            receivedNanoseconds: received,
            publishedNanoseconds: published,
            trace: hasTrace == 1 ? trace : nil
        )
    }

    private static func notice(_ kind: Kind, _ bytes: inout ByteBuffer) -> BrokerNotice? {
        switch kind {
        case .message, .probe: return nil
        case .memberLeft:
            guard let (roomID, userID) = bytes.readMultipleIntegers(as: (Int64, Int64).self),
                let reason = bytes.readText().flatMap(ServerEvent.LeaveReason.init(rawValue:))
            else { return nil }
            return .memberLeft(roomID: roomID, userID: userID, reason: reason)
        case .roomDeleted: return bytes.readInteger(as: Int64.self).map(BrokerNotice.roomDeleted)
        case .roomRenamed:
            guard let roomID = bytes.readInteger(as: Int64.self), let name = bytes.readText() else { return nil }
            return .roomRenamed(roomID, name: name)
        case .sessionRevoked: return bytes.readInteger(as: Int64.self).map(BrokerNotice.sessionRevoked)
        case .typing:
            guard let (roomID, userID) = bytes.readMultipleIntegers(as: (Int64, Int64).self),
                let username = bytes.readText()
            else { return nil }
            return .typing(roomID: roomID, userID: userID, username: username)
        case .reports, .snapshot, .snapshotPart, .heartbeat, .request, .goodbye:
            guard let (instance, number) = bytes.readMultipleIntegers(as: (UInt64, UInt64).self),
                let reports = reports(&bytes)
            else { return nil }
            let content: PresenceNotice.Content =
                switch kind {
                case .reports: .reports(reports)
                case .snapshot: .snapshot(reports, isFirst: true)
                case .snapshotPart: .snapshot(reports, isFirst: false)
                case .request: .request
                case .goodbye: .goodbye
                default: .heartbeat
                }
            return .presence(PresenceNotice(instance: InstanceID(bits: instance), number: number, content: content))
        }
    }

    private static func reports(_ bytes: inout ByteBuffer) -> [Presence.Report]? {
        var reports: [Presence.Report] = []
        while bytes.readableBytes > 0 {
            guard let (roomID, userID, isHere) = bytes.readMultipleIntegers(as: (Int64, Int64, UInt8).self),
                let username = bytes.readText()
            else { return nil }
            reports.append(Presence.Report(roomID: roomID, userID: userID, username: username, isHere: isHere == 1))
        }
        return reports
    }
}

extension ByteBuffer {
    fileprivate mutating func writeText(_ text: String) {
        writeInteger(UInt16(clamping: text.utf8.count))
        writeBytes(text.utf8.prefix(Int(UInt16.max)))
    }

    fileprivate mutating func readText() -> String? {
        readInteger(as: UInt16.self).flatMap { readString(length: Int($0)) }
    }
}
