import CLibPQ
import Glibc

extension PostgresConnection {
    /// Tries one host after the other, each with its own deadline.
    func connect() throws(PostgresError) {
        var reasons: [String] = []
        for parameters in configuration.attempts() {
            do {
                handle = try connect(parameters)
                return
            } catch .unavailable(let reason) {
                reasons.append(reason)
            }
        }
        throw .unavailable(reasons.joined(separator: "; "))
    }

    private func connect(_ parameters: [String: String]) throws(PostgresError) -> ConnectionHandle {
        let deadline = Deadline(after: configuration.connectTimeout)
        let handle = try ConnectionHandle(parameters: parameters, logger: logger)
        guard PQstatus(handle.pointer) != CONNECTION_BAD else { throw .unavailable(handle.message) }
        // libpq: behave as if the first poll had said "writing".
        var events = POLLOUT
        while true {
            if deadline.poll(socket: PQsocket(handle.pointer), for: events) == 0 {
                let host = parameters["host"] ?? parameters["hostaddr"] ?? "the server"
                throw .unavailable("\(host) does not answer within \(configuration.connectTimeout)")
            }
            switch PQconnectPoll(handle.pointer) {
            case PGRES_POLLING_READING: events = POLLIN
            case PGRES_POLLING_WRITING: events = POLLOUT
            case PGRES_POLLING_OK:
                guard PQsetnonblocking(handle.pointer, 1) == 0, PQenterPipelineMode(handle.pointer) == 1 else {
                    throw .unavailable(handle.message)
                }
                return handle
            default: throw .unavailable(handle.message)
            }
        }
    }
}
