import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

/// Why a network call failed, in the words that the system has for it.
enum Cause {
    static func text(_ error: any Error) -> String {
        switch error {
        case let error as IOError where error.errnoCode == ECONNREFUSED: "nobody listens there"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError: error.connectionErrors.first.map { text($0.error) } ?? "no connection"
        case let error as HTTPClientError where error == .connectTimeout: "no connection within 2 s"
        case is DecodingError: "the answer is not what the contract says"
        default: TLSTrust.reason(error) ?? "\(error)"
        }
    }
}
