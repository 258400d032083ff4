import AsyncHTTPClient
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
        http: HTTPClient,
        progress: @Sendable (String) -> Void
    ) async throws -> Stage {
        for target in targets {
            let rest = RestClient(http: http, baseURL: target.baseURL)
            do {
                _ = try await rest.send("GET", "/health/ready", as: Health.self)
            } catch {
                throw StackError(description: "\(target.baseURL) is not ready: \(error)")
            }
        }
        let seeder = RestSeeder(
            rest: RestClient(http: http, baseURL: targets[0].baseURL),
            accountsFile: accountsFile
        )
        let (accounts, rooms) = try await seeder.seed(scenario, progress: progress)
        let scrapeTargets = targets.map { ScrapeTarget(instance: "\($0.host):\($0.port)", baseURL: $0.baseURL) }
        return Stage(
            endpoints: targets,
            scrapeTargets: scrapeTargets,
            accounts: accounts,
            rooms: rooms,
            store: "unknown",
            broker: "unknown",
            balancer: "unknown"
        )
    }
}
