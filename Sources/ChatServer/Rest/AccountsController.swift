import ChatProtocol
import Hummingbird

/// `/auth/…`
struct AccountsController: Sendable {
    let auth: AuthService

    @Sendable func register(_ request: Request, _ context: RestContext) async throws -> Response {
        let (username, password) = try await credentials(request)
        let pair = try await auth.register(username: username, password: password, address: context.address)
        return .json(.created, pair.encode)
    }

    @Sendable func login(_ request: Request, _ context: RestContext) async throws -> Response {
        let (username, password) = try await BodyReader.read(request, ["username", "password"]) { body in
            // What cannot be an account's is simply wrong, but a member that is missing is a mistake of the caller.
            let username = body.text(0, length: 0...Limits.maxBodyBytes)
            let password = body.text(1, length: 0...Limits.maxBodyBytes)
            return username.flatMap { username in password.map { (username, $0) } }
        }
        let pair = try await auth.login(username: username, password: password, address: context.address)
        return .json(.ok, pair.encode)
    }

    @Sendable func refresh(_ request: Request, _ context: RestContext) async throws -> Response {
        let pair = try await auth.refresh(try await refreshToken(request))
        return .json(.ok, pair.encode)
    }

    @Sendable func logout(_ request: Request, _ context: RestContext) async throws -> Response {
        try await auth.logout(try await refreshToken(request))
        return .noContent
    }

    @Sendable func me(_ request: Request, _ context: RestContext, _ user: User) async throws -> Response {
        .json(.ok, user.encode)
    }

    private func credentials(_ request: Request) async throws -> (String, String) {
        try await BodyReader.read(request, ["username", "password"]) { body in
            let username = body.text(0, length: Limits.usernameLength)
            let password = body.text(1, length: Limits.passwordLength)
            if let username, !username.utf8.allSatisfy(Self.isUsernameByte) {
                body.fail("username", "may have letters, digits, '_', '.' and '-'")
            }
            return username.flatMap { username in password.map { (username, $0) } }
        }
    }

    private func refreshToken(_ request: Request) async throws -> String {
        try await BodyReader.read(request, ["refresh_token"]) { $0.text(0, length: 1...1024) }
    }

    private static func isUsernameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
