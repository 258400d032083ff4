import ChatProtocol
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// A REST answer, whole: its head and its body.
struct RestAnswer: Sendable {
    var head: HTTPResponseHead
    var body: ByteBuffer

    init(status: Int, headers: HTTPHeaders, body: ByteBuffer) {
        self.head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
        self.head.headers.replaceOrAdd(name: "content-length", value: String(body.readableBytes))
        if status == 204 || status == 304 { self.head.headers.remove(name: "content-length") }
        self.body = body
    }

    /// An answer whose body is in memory, as all of ours are.
    init(_ response: Response, body: ByteBuffer) {
        var headers = HTTPHeaders()
        for field in response.headers { headers.add(name: field.name.rawName, value: field.value) }
        self.init(status: response.status.code, headers: headers, body: body)
    }

    static func refusedUpgrade(_ status: Int, _ detail: String) -> RestAnswer {
        if status == 405 {
            var problem = Problem(.methodNotAllowed, detail)
            problem.allowedMethods = "GET"
            return problem.answer
        }
        var body = ByteBuffer()
        body.writeString(
            #"{"type":"about:blank#upgrade_required","title":"Not a WebSocket upgrade","status":\#(status),"#)
        body.writeString(#""detail":"\#(detail)","code":"upgrade_required"}"#)
        let headers: HTTPHeaders = [
            "content-type": "application/problem+json", "upgrade": "websocket", "sec-websocket-version": "13",
        ]
        return RestAnswer(status: status, headers: headers, body: body)
    }
}

/// The REST side: Hummingbird's router, called request by request.
struct RestApplication: Sendable {
    private let responder: RouterResponder<RestContext>
    private let metrics: ServerMetrics
    private let logger: Logger

    init(router: Router<RestContext>, metrics: ServerMetrics, logger: Logger) {
        self.responder = router.buildResponder()
        self.metrics = metrics
        self.logger = logger
    }

    func respond(to head: HTTPRequestHead, body: ByteBuffer, address: ClientAddress) async -> RestAnswer {
        let start = ContinuousClock.now
        let context = RestContext(source: RestContextSource(logger: logger, address: address))
        var answer: RestAnswer
        do {
            let request = try Self.request(head, body)
            let response = try await responder.respond(to: request, context: context)
            let collected = CollectingWriter()
            try await response.body.write(collected)
            answer = RestAnswer(response, body: collected.box.body)
            // The router's own answer to a path that nobody took has no body.
            if Self.route(context) == nil { answer = Problem.notFound.answer }
        } catch {
            answer = failure(error, head)
        }
        let duration = (ContinuousClock.now - start).components
        metrics.httpRequest(
            route: Self.route(context) ?? "unmatched",
            method: Self.knownMethods.contains(head.method.rawValue) ? head.method.rawValue : "other",
            code: Int(answer.head.status.code),
            nanoseconds: duration.seconds * 1_000_000_000 + duration.attoseconds / 1_000_000_000
        )
        return answer
    }

    /// The path as it was registered; nil where nobody took it, which the router calls by a name of its own.
    private static func route(_ context: RestContext) -> String? {
        context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    private static let knownMethods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private func failure(_ error: any Error, _ head: HTTPRequestHead) -> RestAnswer {
        let problem = Self.problem(error)
        if problem.code == .internalError || problem.code == .overloaded {
            logger.error("request failed", metadata: ["method": "\(head.method)", "error": "\(error)"])
        }
        return problem.answer
    }

    private static func problem(_ error: any Error) -> Problem {
        guard let http = error as? HTTPError else { return Problem(error) }
        switch http.status {
        case .notFound: return .notFound
        case .badRequest: return Problem(.malformedJSON, "the request cannot be read")
        default: return Problem(error)
        }
    }

    private static func request(_ head: HTTPRequestHead, _ body: ByteBuffer) throws -> Request {
        // The router knows the usual methods only; a path takes none of the others, and says so.
        let name = knownMethods.contains(head.method.rawValue) ? head.method.rawValue : "OPTIONS"
        guard let method = HTTPRequest.Method(name) else { throw Problem.notFound }
        var fields = HTTPFields()
        for (name, value) in head.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        let request = HTTPRequest(method: method, scheme: "http", authority: nil, path: head.uri, headerFields: fields)
        return Request(head: request, body: RequestBody(buffer: body))
    }
}

/// Gathers a response's body.
private struct CollectingWriter: ResponseBodyWriter {
    final class Box {
        var body = ByteBuffer()
    }

    let box = Box()

    mutating func write(_ buffer: ByteBuffer) async throws { box.body.writeImmutableBuffer(buffer) }

    consuming func finish(_: HTTPFields?) async throws {}
}

struct RestContextSource: RequestContextSource {
    var logger: Logger
    /// Of the client, for limits and for the log.
    var address: ClientAddress
}

struct RestContext: RequestContext {
    typealias Source = RestContextSource

    var coreContext: CoreRequestContextStorage
    let address: ClientAddress

    init(source: RestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.address
    }
}
