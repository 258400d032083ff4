import AsyncHTTPClient
import Foundation
import NIOCore
import Testing

@testable import LoadGen

extension ProgramTests {
    /// Which of two servers a balancer sends a request to, and what it does when one of them ends.
    @Suite struct PlacementTests {
        /// What a request brings along that a policy may look at.
        private struct Client {
            var cookie: String?
            var room: Int?
        }

        private struct Answer {
            var status: UInt
            var instance: String
            var cookie: String?
        }

        @Test(.timeLimit(.minutes(1)), arguments: [BalancerKind.haproxy, .nginx], BalancerPolicy.allCases)
        func eachPolicyPlacesAsItSays(kind: BalancerKind, policy: BalancerPolicy) async throws {
            try await withBalancer(kind, policy) { balancer, _ in
                var placed: [String] = []
                // So many that chance does not put all of them on one.
                for number in 0..<64 { placed.append(try await ask(balancer, Client(room: number)).instance) }
                switch policy {
                case .roundRobin, .leastConn, .cookie, .room:
                    #expect(Set(placed) == ["a", "b"], "new clients, and rooms, are spread")
                case .source:
                    #expect(Set(placed).count == 1, "all from one address")
                }
                if policy == .roundRobin { #expect(placed.count { $0 == "a" } == 32) }
                if policy == .room {
                    for number in 0..<64 {
                        #expect(try await ask(balancer, Client(room: number)).instance == placed[number])
                    }
                }
                if policy == .cookie {
                    for _ in 0..<4 {
                        let first = try await ask(balancer, Client())
                        let cookie = try #require(first.cookie)
                        let second = try await ask(balancer, Client(cookie: cookie))
                        #expect(second.instance == first.instance)
                        #expect(second.cookie == nil)
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(1)), arguments: [BalancerKind.haproxy, .nginx], BalancerPolicy.allCases)
        func aServerThatEndsIsLeftOut(kind: BalancerKind, policy: BalancerPolicy) async throws {
            try await withBalancer(kind, policy) { balancer, servers in
                let cookies = try await [ask(balancer, Client()).cookie, ask(balancer, Client()).cookie]
                servers[0].signal(SIGKILL)
                #expect(await StackProcesses.eventually { !servers[0].isRunning })
                // A second is what the checks take; meanwhile a request is tried again elsewhere.
                try await Task.sleep(for: .milliseconds(1500))
                for number in 0..<12 {
                    let client = Client(cookie: cookies[number % 2], room: number)
                    let answer = try await ask(balancer, client)
                    #expect(answer.status == 200 && answer.instance == "b")
                }
            }
        }

        /// Metrics name the instance that they are of.
        private func ask(_ balancer: StackPart, _ client: Client) async throws -> Answer {
            let query = client.room.map { "?room=\($0)" } ?? ""
            var request = HTTPClientRequest(url: "\(balancer.baseURL)/metrics\(query)")
            if let cookie = client.cookie { request.headers.add(name: "cookie", value: cookie) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            let body = try await response.body.collect(upTo: 1 << 22)
            let text = String(buffer: body)
            var jar = CookieJar()
            for header in response.headers["set-cookie"] { jar.set(header) }
            let instance = text.firstMatch(of: /chat_build_info\{[^}]*instance="([^"]+)"/)
            return Answer(
                status: response.status.code,
                instance: instance.map { String($0.1) } ?? "?",
                cookie: jar.header
            )
        }

        private func withBalancer(
            _ kind: BalancerKind,
            _ policy: BalancerPolicy,
            _ body: (StackPart, [StackPart]) async throws -> Void
        ) async throws {
            try await LauncherStage.withLauncher { launcher, programs, logs in
                var servers: [StackPart] = []
                for name in ["a", "b"] { servers.append(try await LauncherStage.server(name, launcher, logs: logs)) }
                let spec = BalancerSpec(kind: kind, policy: policy)
                let balancer = try await BalancerPart.start(
                    spec, launcher, programs: programs, servers: servers, logs: logs)
                try await body(try #require(balancer), servers)
            }
        }
    }
}
