import Foundation

/// A stack's folder, `<temporary folder>/chatbench-<pid>-<random>/`: a subfolder for each part, and what it takes to end
/// the stack when the program that started it has not.
///
/// `owner.json` says who started it; `alive` is there as long as parts may be started; `parts/<name>` is a ``PartRecord``;
/// `state.json` a ``StackState``, there once `stack up` has succeeded.
struct StackFolder: Sendable, Equatable {
    /// Who started a stack. Numbers of processes mean something in one system run and one namespace only.
    struct Owner: Codable, Equatable, Sendable {
        var process: ProcessIdentity
        var boot: String
        var namespace: String

        static let own = Owner(process: .own, boot: currentBoot, namespace: currentNamespace)

        /// Random, new with each start of the system.
        static var currentBoot: String {
            let text = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        static var currentNamespace: String {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""
        }
    }

    let url: URL

    var path: String { url.path }
    var owner: URL { url.appendingPathComponent("owner.json") }
    var alive: URL { url.appendingPathComponent("alive") }
    var parts: URL { url.appendingPathComponent("parts", isDirectory: true) }
    var state: URL { url.appendingPathComponent("state.json") }
    var logs: URL { url.appendingPathComponent("logs", isDirectory: true) }

    /// Makes one. Others may pass through it, as parts run as another user, but not look into it.
    static func create(in temporary: URL = FileManager.default.temporaryDirectory) throws -> StackFolder {
        let name = "chatbench-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let folder = StackFolder(url: temporary.appendingPathComponent(name, isDirectory: true))
        // One that is there already is somebody else's.
        guard mkdir(folder.path, 0o711) == 0 else {
            throw StackError(description: "cannot make \(folder.path): \(String(cString: strerror(errno)))")
        }
        // The process's umask may have taken more than it should.
        chmod(folder.path, 0o711)
        try JSONEncoder().encode(Owner.own).write(to: folder.owner)
        for subfolder in [folder.parts, folder.logs] {
            try FileManager.default.createDirectory(
                at: subfolder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        }
        try Data().write(to: folder.alive)
        return folder
    }

    /// A part's own subfolder, and its working directory.
    /// - Parameter account: whose it is; nil: this process's.
    func makeFolder(for part: String, account: ServiceAccount?) throws -> URL {
        let folder = url.appendingPathComponent(part, isDirectory: true)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        if let account, chown(folder.path, account.user, account.group) != 0 {
            throw StackError(
                description: "cannot give \(folder.path) to \(account.name): \(String(cString: strerror(errno)))")
        }
        return folder
    }

    /// By name of the part: what runs, or ran, for this stack.
    var records: [String: PartRecord] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parts.path)) ?? []
        return names.reduce(into: [:]) { $0[$1] = PartRecord.read(parts.appendingPathComponent($1)) }
    }

    /// Ends whatever the folder's records name, and removes the folder.
    func clear(timeout: Duration = .seconds(5)) async {
        unlink(alive.path)
        let records = records.values
        await withTaskGroup(of: Void.self) { group in
            for record in records { group.addTask { await record.stop(timeout: timeout) } }
        }
        // A leader's workers may have outlived it. They are known by their group and by where they work.
        for record in records {
            for stat in ProcessStat.all() where stat.group == record.process.id && !stat.isZombie && works(stat.id) {
                kill(stat.id, SIGKILL)
            }
        }
        remove()
    }

    func remove() {
        // What a part was just about to write may appear while the folder is being emptied.
        for _ in 0..<3 where FileManager.default.fileExists(atPath: path) {
            try? FileManager.default.removeItem(at: url)
        }
    }

    private func works(_ id: Int32) -> Bool {
        let folder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")
        let real = url.resolvingSymlinksInPath().path
        return folder.map { $0 == real || $0.hasPrefix(real + "/") } ?? false
    }
}
