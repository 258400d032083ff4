import Foundation

/// A program as the build left it, beside which the tests were built: tests start what a user starts.
public enum BuiltProgram {
    public struct Missing: Error, CustomStringConvertible {
        public var description: String

        public init(description: String) {
            self.description = description
        }
    }

    public static func named(_ name: String) throws -> URL {
        var root = URL(fileURLWithPath: #filePath)
        while root.path != "/",
            !FileManager.default.fileExists(atPath: root.appendingPathComponent("Package.swift").path)
        {
            root.deleteLastPathComponent()
        }
        let program = root.appendingPathComponent(".build/release/\(name)")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw Missing(
                description: "\(program.path) is missing; build it with: swift build -c release --build-tests")
        }
        return program
    }
}
