import AsyncHTTPClient
import ChatProtocol
import Foundation

/// Servers that somebody else runs.
enum TargetStage {
    private struct Health: Decodable {
        var status: String
    }

    /// Checks that they answer, and makes accounts and rooms there.
    static func prepare(
        _ scenario: Scenario,
        targets: [Endpoint],
        accountsFile: URL?,
        trust: TLSTrust,
        http: HTTPClient,
        interrupt: RunSession.Interrupt,
        progress: @escaping @Sendable (String) -> Void
    ) async throws -> Stage {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for target in targets { group.addTask { try await requireReady(target, http) } }
            try await group.waitForAll()
        }
        let seeder = RestSeeder(
            rest: RestClient(http: http, baseURL: targets[0].baseURL),
            accountsFile: accountsFile
        )
        let (accounts, rooms) = try await interrupt.ending { try await seeder.seed(scenario, progress: progress) }
        if let account = accounts.first {
            for target in targets.dropFirst() { try await requireSame(targets[0], target, account, http) }
        }
        let scrapeTargets = targets.map { ScrapeTarget(instance: "\($0.host):\($0.port)", baseURL: $0.baseURL) }
        return Stage(
            endpoints: targets,
            trust: trust,
            scrapeTargets: scrapeTargets,
            accounts: accounts,
            tokens: TokenBook(accounts),
            rooms: rooms,
            store: "unknown",
            broker: "unknown",
            balancer: "unknown"
        )
    }

    private static let patience = Duration.milliseconds(1500)

    private static func requireReady(_ target: Endpoint, _ http: HTTPClient) async throws {
        let rest = RestClient(http: http, baseURL: target.baseURL, timeout: patience, attempts: 1)
        do {
            _ = try await rest.send("GET", "/health/ready", as: Health.self)
        } catch let failure as RestClient.Failure where failure.status == 200 || failure.status == 404 {
            throw StackError(
                description: "\(target.baseURL) is no chat server: /health/ready does not answer as one would")
        } catch let failure as RestClient.Failure where failure.status != 0 {
            throw StackError(
                description:
                    "\(target.baseURL) is not ready: \(failure); its log and \(target.baseURL)/health/ready say"
                    + " what is missing"
            )
        } catch {
            if let reason = TLSTrust.reason(error) {
                throw StackError(description: "\(target.baseURL) is not ready: \(reason)")
            }
            throw StackError(
                description: "\(target.baseURL) is not ready: \(Cause.text(error)); start a server there"
                    + " (ChatServer --port \(target.port)), give another --target, or leave --target out and LoadGen"
                    + " starts one itself"
            )
        }
    }

    private struct Me: Decodable {
        var id: UserID
    }

    /// Who has an account on the one server has it on the other: else half of the clients would stand before a closed door.
    private static func requireSame(
        _ first: Endpoint, _ other: Endpoint, _ account: Account, _ http: HTTPClient
    ) async throws {
        let rest = RestClient(http: http, baseURL: other.baseURL, attempts: 2)
        var id: UserID?
        do {
            id = try await rest.send("GET", "/auth/me", token: account.token, as: Me.self).id
        } catch let failure as RestClient.Failure where failure.status == 401 {
            id = nil
        }
        guard id == account.userID else {
            throw StackError(
                description:
                    "\(other.baseURL) does not know the accounts of \(first.baseURL): the servers of one run must "
                    + "have the same --store and the same --jwt-secret")
        }
    }
}
