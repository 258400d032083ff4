import Foundation

/// Stacks whose program ended without ending them: found by their folders, ended and removed by the next one.
enum Leftovers {
    /// What is to be done with a folder that looks like a stack's.
    enum Fate: Equatable {
        /// Its program runs, or `stack up` has left it running, or nobody can tell from here.
        case keep
        /// Its processes are to be ended, and it is to be removed.
        case clear
        /// It is from before the system's start: what it names are no processes of its own any more.
        case removeOnly
    }

    /// Ends and removes all leftovers.
    /// - Returns: the folders' names.
    static func clear(in temporary: URL = FileManager.default.temporaryDirectory) async -> [String] {
        var cleared: [String] = []
        for folder in folders(in: temporary) {
            switch fate(of: folder) {
            case .keep: continue
            case .clear: await folder.clear()
            case .removeOnly: folder.remove()
            }
            cleared.append(folder.url.lastPathComponent)
        }
        return cleared
    }

    /// Stacks' folders that belong to this user: another's say nothing that could be trusted.
    static func folders(in temporary: URL = FileManager.default.temporaryDirectory) -> [StackFolder] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: temporary.path)) ?? []
        return names.sorted().compactMap { name in
            guard ownerID(fromName: name) != nil else { return nil }
            let folder = StackFolder(url: temporary.appendingPathComponent(name, isDirectory: true))
            var info = stat()
            guard lstat(folder.path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_uid == geteuid() else {
                return nil
            }
            return folder
        }
    }

    /// The process in a folder's name; nil if it is no stack's folder.
    static func ownerID(fromName name: String) -> Int32? {
        guard let match = name.wholeMatch(of: /chatbench-(\d+)-(\d+)/) else { return nil }
        return Int32(match.1)
    }

    static func fate(of folder: StackFolder) -> Fate {
        guard let data = try? Data(contentsOf: folder.owner),
            let owner = try? JSONDecoder().decode(StackFolder.Owner.self, from: data)
        else {
            // Made a moment ago; or by a program that was ended in that moment, before it could start anything.
            var info = stat()
            guard lstat(folder.path, &info) == 0 else { return .keep }
            let id = ownerID(fromName: folder.url.lastPathComponent) ?? 0
            let isOwned = ProcessStat.of(id).map { !$0.isZombie } == true
            return isOwned || time(nil) - info.st_mtim.tv_sec < 60 ? .keep : .clear
        }
        let isUp = FileManager.default.fileExists(atPath: folder.state.path)
        return fate(owner: owner, isUp: isUp, here: .own, isAlive: \.isAlive)
    }

    static func fate(
        owner: StackFolder.Owner,
        isUp: Bool,
        here: StackFolder.Owner,
        isAlive: (ProcessIdentity) -> Bool
    ) -> Fate {
        if owner.boot != here.boot { return .removeOnly }
        // Another container that shares this folder: its numbers are not ours.
        if owner.namespace != here.namespace { return .keep }
        return isUp || isAlive(owner.process) ? .keep : .clear
    }
}
