import Foundation
import Logging
import Synchronization
import Testing

@testable import PostgresClient

extension PostgresConnection {
    func with<T: Sendable>(_ body: @Sendable (isolated PostgresConnection) throws -> T) throws -> T {
        try body(self)
    }

    func one() throws -> Int64 {
        try query(SQL.one)[0].int64(0)
    }

    func roundTrip(
        _ statement: PostgresStatement,
        _ row: (Bool, Int64, String, [UInt8], Int64)
    ) throws -> (Bool, Int64, String, [UInt8], Int64) {
        let values: [PostgresValue] = [.bool(row.0), .int64(row.1), .text(row.2), .bytes(row.3), .timestamp(row.4)]
        let back = try query(statement, values)[0]
        return (try back.bool(0), try back.int64(1), try back.text(2), try back.bytes(3), try back.timestamp(4))
    }

    func checkNulls(_ statement: PostgresStatement) throws {
        let row = try query(statement, [.bool(nil), .int64(nil), .text(nil), .bytes(nil), .timestamp(nil)])[0]
        #expect(try row.optionalBool(0) == nil)
        #expect(try row.optionalInt64(1) == nil)
        #expect(try row.optionalText(2) == nil)
        #expect(try row.optionalBytes(3) == nil)
        #expect(try row.optionalTimestamp(4) == nil)
        let arrays: [PostgresValue] = [
            .boolArray(nil), .int64Array(nil), .textArray(nil), .bytesArray(nil), .timestampArray(nil), .null,
        ]
        let all = PostgresStatement("SELECT num_nulls($1, $2, $3, $4, $5, $6::text)")
        #expect(try query(all, arrays)[0].int64(0) == 6)
    }
}

/// A log that keeps its lines.
final class RecordingLog: LogHandler, Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        kept.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}

/// Listens on 127.0.0.1 and never says a word.
final class SilentListener {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
                    ? getsockname(descriptor, $0, &size) : -1
            }
        }
        try #require(status == 0)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(descriptor)
    }
}
