import ArgumentParser
import Foundation

/// How a command ends that cannot do what it was asked: the error on stderr, and the contract's status.
enum ExitStatus {
    static let usage: Int32 = 64
    static let noInput: Int32 = 66
    static let unavailable: Int32 = 69
    static let software: Int32 = 70

    /// Runs a command's body; what it throws is told and becomes the exit status.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let exit as ExitCode {
            throw exit
        } catch {
            Console.tell(text(error))
            throw ExitCode(status(error))
        }
    }

    private static func text(_ error: any Error) -> String {
        switch error {
        case let errors as ConfigurationErrors: errors.errors.map(\.description).joined(separator: "\n")
        case let error as ConfigurationError: error.description
        default: "LoadGen: \(error)"
        }
    }

    private static func status(_ error: any Error) -> Int32 {
        switch error {
        case let error as RecordedRun.Unwritten: status(error.cause)
        case is ConfigurationErrors, is ConfigurationError, is UsageError: usage
        case is ConfigurationNotFound, is ReportError: noInput
        case is RunSession.Interrupted: Summary.Verdict.interrupted.exitStatus
        case is StackError, is PartFailure, is ChildProcess.Failure, is RestClient.Failure: unavailable
        default: software
        }
    }
}

/// A mistake on the command line.
struct UsageError: Error, CustomStringConvertible {
    var description: String
}
