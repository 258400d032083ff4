import ChatMetrics
import ChatProtocol
import HTTPTypes
import Hummingbird
import NIOCore

/// The REST surface: every path, and who answers it.
struct RestRouter: Sendable {
    typealias Handler = @Sendable (Request, RestContext) async throws -> Response
    /// A handler that knows who asks.
    typealias UserHandler = @Sendable (Request, RestContext, User) async throws -> Response

    let auth: AuthService
    let rooms: RoomService
    let presence: Presence
    let health: Health
    let metrics: ServerMetrics
    /// What a scrape must show; nil lets everybody read.
    let metricsToken: String?

    func build() -> Router<RestContext> {
        let router = Router(context: RestContext.self)
        let accounts = AccountsController(auth: auth)
        let rooms = RoomsController(rooms: rooms, presence: presence)
        on(router, "/auth/register", [.post: accounts.register])
        on(router, "/auth/login", [.post: accounts.login])
        on(router, "/auth/refresh", [.post: accounts.refresh])
        on(router, "/auth/logout", [.post: accounts.logout])
        on(router, "/auth/me", [.get: signedIn(accounts.me)])
        on(router, "/rooms", [.get: signedIn(rooms.list), .post: signedIn(rooms.create)])
        on(
            router, "/rooms/:id",
            [.get: signedIn(rooms.get), .patch: signedIn(rooms.update), .delete: signedIn(rooms.delete)])
        on(router, "/rooms/:id/join", [.post: signedIn(rooms.join)])
        on(router, "/rooms/:id/leave", [.post: signedIn(rooms.leave)])
        on(router, "/rooms/:id/members", [.get: signedIn(rooms.members)])
        on(router, "/rooms/:id/members/:user_id", [.delete: signedIn(rooms.removeMember)])
        on(router, "/rooms/:id/messages", [.get: signedIn(rooms.history)])
        on(router, "/rooms/:id/read", [.post: signedIn(rooms.markRead)])
        on(router, "/rooms/:id/invitations", [.get: signedIn(rooms.invitations), .post: signedIn(rooms.invite)])
        on(router, "/rooms/:id/invitations/:code", [.delete: signedIn(rooms.revokeInvitation)])
        on(router, "/invitations/:code/accept", [.post: signedIn(rooms.accept)])
        on(router, "/health/live", [.get: { _, _ in await health.live() }])
        on(router, "/health/ready", [.get: { _, _ in await health.ready() }])
        on(router, "/metrics", [.get: scrape])
        on(router, "/openapi.json", [.get: { request, _ in WebFiles.openAPI(request) }])
        on(router, "/", [.get: { request, _ in WebFiles.index(request) }])
        on(router, "/assets/:name", [.get: { try WebFiles.asset($0, name: $1.parameters.get("name")) }])
        return router
    }

    /// Registers a path; the methods that it does not take answer 405 and name those that it does.
    private func on(_ router: Router<RestContext>, _ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        var handlers = handlers
        if let get = handlers[.get] { handlers[.head] = get }
        let allowed = handlers.keys.map(\.rawValue).sorted().joined(separator: ", ")
        for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options] {
            let refuse: Handler = { _, _ in
                var problem = Problem(.methodNotAllowed, "this path takes \(allowed)")
                problem.allowedMethods = allowed
                throw problem
            }
            router.on(path, method: method, use: handlers[method] ?? refuse)
        }
    }

    private func signedIn(_ handler: @escaping UserHandler) -> Handler {
        { [auth] request, context in
            let header = request.headers[.authorization] ?? ""
            guard header.lowercased().hasPrefix("bearer ") else {
                throw Problem(.unauthorized, "an access token is needed: Authorization: Bearer <token>")
            }
            let identity: Identity
            do throws(TokenError) {
                identity = try await auth.identity(String(header.dropFirst(7)))
            } catch {
                if error == .unavailable { throw StoreError.unavailable("session") }
                auth.logger.warning(
                    "authentication failed",
                    metadata: ["reason": "token_\(error)", "address": "\(context.address)"]
                )
                throw Problem(.unauthorized, "the access token is \(error)")
            }
            return try await handler(request, context, identity.user)
        }
    }

    @Sendable private func scrape(_ request: Request, _ context: RestContext) async throws -> Response {
        if let metricsToken, !Self.isBearer(of: metricsToken, request.headers[.authorization]) {
            throw Problem(.unauthorized, "the metrics want their token: Authorization: Bearer <token>")
        }
        let format = ExpositionFormat.negotiate(accept: request.headers[.accept])
        return Response(
            status: .ok,
            headers: [.contentType: format.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: metrics.registry.render(format)))
        )
    }

    private static func isBearer(of token: String, _ header: String?) -> Bool {
        guard let header, header.lowercased().hasPrefix("bearer ") else { return false }
        return Secrets.constantTimeEqual(Array(header.dropFirst(7).utf8), Array(token.utf8))
    }
}
