import ChatProtocol
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1

/// An answer that is an error: `application/problem+json` (RFC 9457), and the same words as an `error` event.
struct Problem: Error, Sendable {
    var code: ErrorCode
    var detail: String
    var fields: [FieldError] = []
    var retryAfterSeconds: Int?
    /// Of a `method_not_allowed`.
    var allowedMethods: String?

    struct FieldError: Equatable, Sendable {
        var field: String
        var message: String
    }

    init(_ code: ErrorCode, _ detail: String, fields: [FieldError] = [], retryAfterSeconds: Int? = nil) {
        self.code = code
        self.detail = detail
        self.fields = fields
        self.retryAfterSeconds = retryAfterSeconds
    }

    static func validation(_ fields: [FieldError]) -> Problem {
        let detail = fields.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }.joined(separator: "; ")
        return Problem(.validationFailed, detail, fields: fields)
    }

    static let roomNotFound = Problem(.roomNotFound, "there is no such room, or you may not see it")
    static let wrongAccessCode = Problem(.wrongAccessCode, "the access code is missing or wrong")
    static let notFound = Problem(.notFound, "there is nothing here")

    /// What any thrown error means to a client; nothing of its inside is told.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case StoreError.notFound: self = .roomNotFound
        case StoreError.unavailable:
            self.init(.overloaded, "the store does not answer; try again", retryAfterSeconds: 1)
        case StoreError.refused: self.init(.validationFailed, "the store cannot hold this")
        case StoreError.usernameTaken: self.init(.usernameTaken, "that username is taken")
        default: self.init(.internalError, "something went wrong on our side")
        }
    }

    var status: HTTPResponse.Status {
        switch code {
        case .malformedJSON, .badRequest: .badRequest
        case .unauthorized, .invalidCredentials: .unauthorized
        case .forbidden, .wrongAccessCode, .notJoined: .forbidden
        case .notFound, .roomNotFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .usernameTaken, .ownerCannotLeave: .conflict
        case .invitationExpired, .invitationUsedUp: .gone
        case .tooLarge: .contentTooLarge
        case .validationFailed, .unknownEvent, .invalidEvent: .unprocessableContent
        case .rateLimited: .tooManyRequests
        case .overloaded: .serviceUnavailable
        case .internalError: .internalServerError
        }
    }

    private var title: String {
        let words = code.rawValue.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// The whole answer: all five members of a problem are always there.
    var answer: RestAnswer {
        var body = ByteBuffer()
        body.writeString(#"{"type":"about:blank#\#(code.rawValue)","title":"#)
        body.writeJSONString(title)
        body.writeString(#","status":\#(status.code),"detail":"#)
        body.writeJSONString(detail)
        body.writeString(#","code":"\#(code.rawValue)""#)
        if code == .validationFailed {
            body.writeString(#","errors":["#)
            for (index, error) in fields.enumerated() {
                body.writeString(index == 0 ? #"{"field":"# : #",{"field":"#)
                body.writeJSONString(error.field)
                body.writeString(#","message":"#)
                body.writeJSONString(error.message)
                body.writeString("}")
            }
            body.writeString("]")
        }
        body.writeString("}")
        var headers: HTTPHeaders = ["content-type": "application/problem+json"]
        if let retryAfterSeconds { headers.add(name: "retry-after", value: String(max(1, retryAfterSeconds))) }
        if let allowedMethods { headers.add(name: "allow", value: allowedMethods) }
        if status == .unauthorized { headers.add(name: "www-authenticate", value: "Bearer") }
        return RestAnswer(status: status.code, headers: headers, body: body)
    }

    /// The same, as a WebSocket `error`.
    func event(roomID: RoomID? = nil, clientMessageID: String? = nil) -> ProtocolError {
        ProtocolError(
            code,
            detail,
            roomID: roomID,
            clientMessageID: clientMessageID,
            retryAfterMilliseconds: retryAfterSeconds.map { max(1, $0) * 1000 }
        )
    }
}
