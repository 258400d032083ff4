import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

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
        progress: @Sendable (String) -> Void
    ) async throws -> Stage {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for target in targets { group.addTask { try await requireReady(target, http) } }
            try await group.waitForAll()
        }
        let seeder = RestSeeder(
            rest: RestClient(http: http, baseURL: targets[0].baseURL),
            accountsFile: accountsFile
        )
        let (accounts, rooms) = try await seeder.seed(scenario, progress: progress)
        let scrapeTargets = targets.map { ScrapeTarget(instance: "\($0.host):\($0.port)", baseURL: $0.baseURL) }
        return Stage(
            endpoints: targets,
            trust: trust,
            scrapeTargets: scrapeTargets,
            accounts: accounts,
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
        } catch let failure as RestClient.Failure {
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
                description: "\(target.baseURL) is not ready: \(reason(error)); start a server there"
                    + " (ChatServer --port \(target.port)), give another --target, or leave --target out and LoadGen"
                    + " starts one itself"
            )
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case is NIOConnectionError: "no connection"
        case let error as IOError where error.errnoCode == ECONNREFUSED: "nobody listens there"
        case let error as HTTPClientError where error == .connectTimeout: "no connection within 2 s"
        default: "\(error)"
        }
    }
}
