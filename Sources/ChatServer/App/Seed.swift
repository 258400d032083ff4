import ArgumentParser
import ChatProtocol
import Foundation
import Logging
import NIOCore

/// `ChatServer seed`
struct Seed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create accounts and rooms straight in the store, for load and for demonstrations.",
        discussion: """
            Writes one JSON object a line to stdout: {"user": {id, username, token}} for each account and \
            {"room": {id, name, access_code, members}} for each room. All accounts share one password hash. \
            The tokens are signed with the server's JWT secret or keys, so give the same here and there.
            """
    )

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var secretOptions: SecretOptions

    @Option(help: "How many accounts.")
    var users: Int

    @Option(help: "How many rooms.")
    var rooms: Int

    @Option(help: "Members of each room, or a list with one number for each room: 500,250,125.")
    var members: String

    @Flag(name: .customLong("private"), help: "Private rooms: only the owner is a member, the others need the code.")
    var isPrivate = false

    @Option(name: .customLong("token-ttl"), help: "Seconds that the tokens live (86400).")
    var tokenLifetime: Int64 = 86_400

    @Option(help: "Password of all accounts; none given: a random one that nobody knows.")
    var password: String?

    @Option(help: "What usernames and room names begin with (seed-<random>).")
    var prefix: String?

    func run() async throws {
        do {
            try await seed()
        } catch {
            FileHandle.standardError.write(Data("ChatServer: \(error)\n".utf8))
            throw ExitCode(error is ConfigurationProblem ? 64 : 69)
        }
    }

    private func seed() async throws {
        let settings = Settings()
        let sizes = try roomSizes()
        let secret = try ServerConfiguration.secret(secretOptions, settings)
        let keys = try settings.optional(secretOptions.jwtKeys, "jwt-keys").map { try SigningKeys(path: $0) }
        guard secret != nil || keys != nil else {
            throw ConfigurationProblem(
                description: "seed needs the server's --jwt-secret, --jwt-secret-file or --jwt-keys"
            )
        }
        // Ten years: a token's end must stay a date.
        guard (1...315_360_000).contains(tokenLifetime) else {
            throw ConfigurationProblem(description: "--token-ttl is 1 to 315360000 seconds, not \(tokenLifetime)")
        }
        let store = try await StoreLocation(storeOptions, settings).open(Logger(label: "chat"))
        let passwords = Passwords()
        let plan = SeedPlan(
            prefix: prefix ?? "seed-" + Secrets.random(bytes: 4).replacing("-", with: "x").replacing("_", with: "y"),
            users: users,
            roomSizes: sizes,
            isPrivate: isPrivate,
            passwordHash: try await passwords.hash(password ?? Secrets.random())
        )
        let tokens = AccessTokens(keys: await KeyRing(secret: secret, keys: keys), lifetime: tokenLifetime)
        let seeded = try await store.seed(plan, now: Clock.system.now)
        let now = Clock.system.now.microseconds / 1_000_000
        var out = ByteBuffer()
        for (user, session) in seeded.users {
            out.writeStaticString(#"{"user":{"id":"#)
            out.writeDecimal(user.id)
            out.writeKey("username")
            out.writeJSONString(user.username)
            out.writeKey("token")
            out.writeJSONString(try await tokens.sign(user, session: session, now: now))
            out.writeStaticString("}}\n")
        }
        for room in seeded.rooms {
            out.writeStaticString(#"{"room":{"id":"#)
            out.writeDecimal(room.id)
            out.writeKey("name")
            out.writeJSONString(room.name)
            out.writeKey("access_code")
            out.writeOptional(room.accessCode) { $0.writeJSONString($1) }
            out.writeKey("members")
            out.writeArray(room.members) { $0.writeDecimal($1) }
            out.writeStaticString("}}\n")
        }
        FileHandle.standardOutput.write(Data(out.readableBytesView))
        try await store.close()
        await passwords.close()
    }

    private func roomSizes() throws -> [Int] {
        let numbers = members.split(separator: ",").map { Int($0) ?? -1 }
        guard users >= 1, users <= 1_000_000, rooms >= 1, rooms <= 1_000_000 else {
            throw ConfigurationProblem(description: "--users and --rooms go from 1 to 1000000")
        }
        guard numbers.count == 1 || numbers.count == rooms, numbers.allSatisfy({ (1...users).contains($0) }) else {
            throw ConfigurationProblem(
                description: "--members is one number, or one for each of the \(rooms) rooms, from 1 to \(users)"
            )
        }
        return numbers.count == rooms ? numbers : Array(repeating: numbers[0], count: rooms)
    }
}
