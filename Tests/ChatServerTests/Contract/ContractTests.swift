import Testing

/// What the server promises to the outside, over real sockets. One test at a time, since each runs a whole server.
@Suite(.serialized) struct ContractTests {}

/// Checks that an answer is a problem of RFC 9457 with our word in it.
func expectProblem(
    _ reply: HTTPReply,
    _ status: Int,
    _ code: String,
    at location: SourceLocation = #_sourceLocation
) {
    #expect(reply.status == status, "\(reply.text)", sourceLocation: location)
    #expect(reply.json["code"] == .string(code), "\(reply.text)", sourceLocation: location)
    #expect(reply.headers["content-type"] == "application/problem+json", sourceLocation: location)
    #expect(reply.json["status"]?.integer == Int64(status), sourceLocation: location)
    for member in ["type", "title", "detail"] {
        #expect(reply.json[member]?.string?.isEmpty == false, "\(member): \(reply.text)", sourceLocation: location)
    }
}

/// Checks a `validation_failed` and which fields it names.
func expectInvalid(_ reply: HTTPReply, _ fields: [String], at location: SourceLocation = #_sourceLocation) {
    expectProblem(reply, 422, "validation_failed", at: location)
    let errors = reply.json["errors"]?.array ?? []
    #expect(errors.compactMap { $0["field"]?.string } == fields, "\(reply.text)", sourceLocation: location)
    #expect(errors.allSatisfy { $0["message"]?.string?.isEmpty == false }, sourceLocation: location)
}

/// Checks an `error` event.
func expectError(_ event: JSON, _ code: String, at location: SourceLocation = #_sourceLocation) {
    #expect(event["event"] == .string("error"), "\(event)", sourceLocation: location)
    #expect(event["code"] == .string(code), "\(event)", sourceLocation: location)
    #expect(event["message"]?.string?.isEmpty == false, "\(event)", sourceLocation: location)
}
