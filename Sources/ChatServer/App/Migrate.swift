import ArgumentParser
import Foundation
import Logging

/// `ChatServer migrate`
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the store's schema up to date, and stop.")

    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        do {
            let store = try await StoreLocation(storeOptions, Settings()).open(Logger(label: "chat"))
            print("up to date: \(await store.description), epoch \(try await store.epoch())")
            try await store.close()
        } catch {
            FileHandle.standardError.write(Data("ChatServer: \(error)\n".utf8))
            throw ExitCode(error is ConfigurationProblem ? 64 : 69)
        }
    }
}
