import Foundation

/// Finds scenarios and setups by name or by path.
struct ConfigurationLibrary: Sendable {
    /// What `scenarios` and `setups` list: a file that is broken still has a line there.
    struct Entry<Value: Sendable>: Sendable {
        let name: String
        let path: String
        let result: Result<Value, any Error>
    }

    /// Folders that may hold `scenarios/` and `setups/`; the first that has a name wins. "" is the working directory.
    let roots: [String]

    /// Looks in the working directory, then in `$CHATBENCH_HOME`, then in the folders above the executable, so that
    /// a program inside its checkout finds what ships wherever it is started from.
    static func standard(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        executable: String? = executablePath
    ) -> ConfigurationLibrary {
        var roots = [""]
        if let home = environment["CHATBENCH_HOME"], !home.isEmpty { roots.append(home) }
        if let executable {
            var folder = URL(fileURLWithPath: executable).deletingLastPathComponent().standardizedFileURL
            while folder.path != "/" {
                roots.append(folder.path)
                folder.deleteLastPathComponent()
            }
        }
        return ConfigurationLibrary(roots: roots)
    }

    /// The running program's file, symbolic links resolved. `argv[0]` may be anything.
    static var executablePath: String? {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? Bundle.main.executablePath
    }

    /// - Throws: `ConfigurationNotFound`, or `ConfigurationErrors` if the file is there and wrong.
    func scenario(named name: String) throws -> (scenario: Scenario, path: String) {
        let path = try path(of: name, kind: .scenario)
        return (try load(.scenario, path, parse: Scenario.parse), path)
    }

    /// - Throws: `ConfigurationNotFound`, or `ConfigurationErrors` if the file is there and wrong.
    func setup(named name: String) throws -> (setup: Setup, path: String) {
        let path = try path(of: name, kind: .setup)
        return (try load(.setup, path, parse: Setup.parse), path)
    }

    /// Every scenario that a name finds, by name.
    func allScenarios() -> [Entry<Scenario>] { all(.scenario, parse: Scenario.parse) }

    /// Every setup that a name finds, by name.
    func allSetups() -> [Entry<Setup>] { all(.setup, parse: Setup.parse) }

    // MARK: Files

    private typealias Parse<Value> = (String, String) throws(ConfigurationErrors) -> Value

    private func all<Value>(_ kind: ConfigurationNotFound.Kind, parse: Parse<Value>) -> [Entry<Value>] {
        paths(kind).sorted { $0.key < $1.key }.map { name, path in
            Entry(name: name, path: path, result: Result { try load(kind, path, parse: parse) })
        }
    }

    private func path(of name: String, kind: ConfigurationNotFound.Kind) throws(ConfigurationNotFound) -> String {
        if name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return name }
        if name == "-" { return Self.standardInput }
        let paths = paths(kind)
        guard let path = paths[name] else {
            if FileManager.default.fileExists(atPath: name) { return name }
            throw ConfigurationNotFound(kind: kind, name: name, reason: nil, available: paths.keys.sorted())
        }
        return path
    }

    /// What `-` means, and what came from there: it can be read once, and is asked for by each side of a comparison.
    private static let standardInput = "/dev/stdin"
    private static let standardInputData = try? FileHandle.standardInput.readToEnd() ?? Data()

    private func paths(_ kind: ConfigurationNotFound.Kind) -> [String: String] {
        var paths: [String: String] = [:]
        for root in roots {
            let folder = root.isEmpty ? kind.folder : "\(root)/\(kind.folder)"
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for file in files where file.hasSuffix(".yaml") {
                let name = String(file.dropLast(".yaml".count))
                if paths[name] == nil { paths[name] = "\(folder)/\(file)" }
            }
        }
        return paths
    }

    private func filesBeside(_ path: String) -> [String] {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : String(folder))) ?? []
        return files.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map { folder + $0 }.sorted()
    }

    private func load<Value>(
        _ kind: ConfigurationNotFound.Kind,
        _ path: String,
        parse: Parse<Value>
    ) throws -> Value {
        func unreadable(_ reason: String, available: [String] = []) -> ConfigurationNotFound {
            ConfigurationNotFound(kind: kind, name: path, reason: reason, available: available)
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw unreadable("there is no such file", available: filesBeside(path))
        }
        if isFolder.boolValue { throw unreadable("is a folder, not a \(kind.rawValue) file") }
        // Not FileManager.contents(atPath:), which asks a pipe how large it is.
        var contents = path == Self.standardInput ? Self.standardInputData : nil
        if contents == nil, let file = FileHandle(forReadingAtPath: path) { contents = try? file.readToEnd() ?? Data() }
        guard let data = contents else { throw unreadable("can't be read") }
        guard let text = String(data: data, encoding: .utf8) else {
            throw ConfigurationErrors(errors: [ConfigurationError(file: path, message: "the file is not UTF-8 text")])
        }
        return try parse(text, path)
    }
}
