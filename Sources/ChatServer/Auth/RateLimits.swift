/// The rate limits by name, each with its ``TokenBucket/Limit``; nil is none.
struct RateLimits: Equatable, Sendable {
    /// What is limited, and whose bucket it is.
    enum Kind: String, CaseIterable, Sendable {
        case registerAddress = "register-address"
        case loginAddress = "login-address"
        case loginUser = "login-user"
        case joinUser = "join-user"
        case joinAddress = "join-address"
        case joinRoom = "join-room"
        /// What a user makes and changes: rooms, their names and codes, invitations.
        case makeUser = "make-user"
        case sendUser = "send-user"
        case sendAddress = "send-address"
        case sendRoom = "send-room"
        case typingUser = "typing-user"
        /// Wrong access codes: of a user at a room, at a room, from an address.
        case accessCode = "access-code"
        case accessCodeRoom = "access-code-room"
        case accessCodeAddress = "access-code-address"
        /// Frames of any kind on one connection, far above what a person or a well-made client sends.
        case frames = "frames"

        fileprivate var standard: TokenBucket.Limit {
            switch self {
            case .registerAddress: .init(burst: 20, perSecond: 0.1)
            case .loginAddress: .init(burst: 20, perSecond: 0.2)
            // Wider than an address's, so that no address alone keeps somebody else out.
            case .loginUser: .init(burst: 100, perSecond: 1)
            case .joinUser: .init(burst: 120, perSecond: 10)
            // Of an address and of a room: many people behind one address, and all of a room coming back at once.
            case .joinAddress: .init(burst: 2000, perSecond: 200)
            case .joinRoom: .init(burst: 2000, perSecond: 200)
            case .makeUser: .init(burst: 60, perSecond: 0.5)
            case .sendUser: .init(burst: 60, perSecond: 20)
            case .sendAddress: .init(burst: 1000, perSecond: 300)
            case .sendRoom: .init(burst: 1000, perSecond: 300)
            case .typingUser: .init(burst: 5, perSecond: 2)
            case .accessCode: .init(burst: 5, perSecond: 1.0 / 30)
            // More than one user alone can use up, so that one alone cannot keep the others out.
            case .accessCodeRoom: .init(burst: 50, perSecond: 1.0 / 20)
            case .accessCodeAddress: .init(burst: 60, perSecond: 1.0 / 10)
            case .frames: .init(burst: 1000, perSecond: 200)
            }
        }
    }

    private var limits: [Kind: TokenBucket.Limit]

    /// Those of a public server.
    init() {
        limits = Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, $0.standard) })
    }

    subscript(kind: Kind) -> TokenBucket.Limit? {
        get { limits[kind] }
        set { limits[kind] = newValue }
    }

    /// Reads `NAME=BURST/PER_SECOND`, as `send-user=60/20`, or `NAME=off`.
    mutating func set(_ text: some StringProtocol) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])) else {
            let names = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationProblem(description: "--limit '\(text)' names no limit; there are \(names)")
        }
        if parts[1] == "off" {
            limits[kind] = nil
            return
        }
        let numbers = parts[1].split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
        guard numbers.count == 2, let burst = numbers[0], let perSecond = numbers[1], (1...1e9).contains(burst),
            (1e-6...1e9).contains(perSecond)
        else {
            throw ConfigurationProblem(
                description: "--limit '\(text)' must be \(kind.rawValue)=BURST/PER_SECOND, as"
                    + " \(kind.rawValue)=\(kind.standard), or \(kind.rawValue)=off"
            )
        }
        limits[kind] = TokenBucket.Limit(burst: burst, perSecond: perSecond)
    }

    /// Of `--help`: every name with its limit.
    static let help = Kind.allCases.map { "\($0.rawValue)=\($0.standard)" }.joined(separator: ", ")
}
