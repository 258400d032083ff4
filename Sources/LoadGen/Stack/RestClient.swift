import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat

/// JSON over HTTP, with a timeout on everything.
struct RestClient: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var status: Int
        var code: String
        var retryAfter: Int?
        var description: String
    }

    let http: HTTPClient
    let baseURL: String
    /// Of one request with its answer.
    var timeout = Duration.seconds(30)
    /// How often it is tried while the answer is 429 or 503.
    var attempts = 6

    /// The client that all requests go through: it does not wait for a server that is not there.
    static func makeHTTPClient(trust: TLSTrust = .system) throws -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = try trust.configuration()
        configuration.timeout.connect = .seconds(2)
        configuration.connectionPool.retryConnectionEstablishment = false
        // The time to connect counts for a request that waits for a free connection, too: none has to.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// - Throws: ``Failure`` if the answer is no 2xx; 429 and 503 are tried again as `Retry-After` says, a few times.
    ///   Also if the answer is something else than asked for, or none comes in time; the cause if there is no connection.
    func send<T: Decodable>(
        _ method: String,
        _ path: String,
        token: String? = nil,
        body: [String: any Encodable & Sendable] = [:],
        as type: T.Type
    ) async throws -> T {
        for attempt in 1... {
            do {
                let data = try await withDeadline(timeout) {
                    try await once(method, path, token: token, body: body)
                }
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                do {
                    return try decoder.decode(type, from: data)
                } catch is DecodingError {
                    throw Failure(
                        status: 200, code: "",
                        description:
                            "\(method) \(baseURL)\(path) answered something else than the contract says: is that "
                            + "a chat server?")
                }
            } catch let late as DeadlineExceeded {
                throw Failure(status: 0, code: "", description: "\(method) \(baseURL)\(path): \(late)")
            } catch let failure as Failure where attempt < attempts && (failure.status == 429 || failure.status == 503)
            {
                try await Task.sleep(for: .seconds(min(failure.retryAfter ?? 1, 30)))
            }
        }
        throw Failure(status: 0, code: "", description: "unreachable")
    }

    /// For an answer without a body; else as ``send(_:_:token:body:as:)``, tried once.
    func perform(_ method: String, _ path: String, token: String?) async throws {
        _ = try await withDeadline(timeout) { try await once(method, path, token: token, body: [:]) }
    }

    /// The body of a GET as text.
    func text(_ path: String) async throws -> String {
        let data = try await withDeadline(timeout) { try await once("GET", path, token: nil, body: [:]) }
        return String(decoding: data, as: UTF8.self)
    }

    private struct Problem: Decodable {
        var code: String?
        var detail: String?
    }

    private func once(
        _ method: String,
        _ path: String,
        token: String?,
        body: [String: any Encodable & Sendable]
    ) async throws -> Data {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = .init(rawValue: method)
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if method == "POST" {
            request.headers.add(name: "content-type", value: "application/json")
            let values = body.mapValues { AnyEncodable($0) }
            request.body = .bytes(try JSONEncoder().encode(values))
        }
        let response = try await http.execute(request, deadline: .distantFuture)
        let data = Data(buffer: try await response.body.collect(upTo: 64 << 20))
        guard (200..<300).contains(response.status.code) else {
            let problem = try? JSONDecoder().decode(Problem.self, from: data)
            throw Failure(
                status: Int(response.status.code),
                code: problem?.code ?? "",
                retryAfter: response.headers.first(name: "retry-after").flatMap(Int.init),
                description:
                    "\(method) \(path) answered \(response.status.code): \(problem?.detail ?? "no problem given")"
            )
        }
        return data
    }

    private struct AnyEncodable: Encodable {
        let value: any Encodable & Sendable
        init(_ value: any Encodable & Sendable) { self.value = value }
        func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }
}
