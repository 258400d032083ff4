import Foundation
import Testing

@testable import LoadGen

@Suite struct LeftoversTests {
    private static let here = StackFolder.Owner(
        process: ProcessIdentity(id: 100, start: 1), boot: "b", namespace: "n")

    private static func owner(boot: String = "b", namespace: String = "n") -> StackFolder.Owner {
        StackFolder.Owner(process: ProcessIdentity(id: 50, start: 5), boot: boot, namespace: namespace)
    }

    @Test(arguments: [
        (owner(), false, true, Leftovers.Fate.keep),
        (owner(), false, false, .clear),
        (owner(), true, false, .keep),
        (owner(boot: "older"), true, false, .removeOnly),
        (owner(boot: "older"), false, true, .removeOnly),
        (owner(namespace: "another"), false, false, .keep),
    ])
    func decides(_ owner: StackFolder.Owner, isUp: Bool, isAlive: Bool, expected: Leftovers.Fate) {
        #expect(Leftovers.fate(owner: owner, isUp: isUp, here: Self.here) { _ in isAlive } == expected)
    }

    @Test(arguments: [
        ("chatbench-12-345", 12), ("chatbench-12-", nil), ("chatbench-test-1", nil), ("chatbench-1-2-3", nil),
        ("xchatbench-1-2", nil), ("chatbench-99999999999-1", nil),
    ])
    func knowsAStacksFolderByItsName(name: String, expected: Int32?) {
        #expect(Leftovers.ownerID(fromName: name) == expected)
    }

    @Test func keepsTheFolderOfALivingProgram() async throws {
        try await withTemporary { temporary in
            let folder = try StackFolder.create(in: temporary)
            #expect(Leftovers.folders(in: temporary) == [folder])
            #expect(await Leftovers.clear(in: temporary).isEmpty)
            #expect(FileManager.default.fileExists(atPath: folder.path))
        }
    }

    @Test func clearsWhatADeadProgramLeft() async throws {
        try await withTemporary { temporary in
            let folder = try StackFolder.create(in: temporary)
            let part = try sleeper(temporary)
            try record(part.processID, in: folder)
            try disown(folder)
            #expect(await Leftovers.clear(in: temporary) == [folder.url.lastPathComponent])
            #expect(try await part.wait(timeout: .seconds(5)) == SIGTERM)
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
    }

    /// The number in the record has been given to another process since.
    @Test func neverEndsAProcessThatMerelyHasTheNumber() async throws {
        try await withTemporary { temporary in
            let folder = try StackFolder.create(in: temporary)
            let stranger = try sleeper(temporary)
            try record(stranger.processID, startOffset: -1, in: folder)
            try disown(folder)
            #expect(await Leftovers.clear(in: temporary).count == 1)
            #expect(!FileManager.default.fileExists(atPath: folder.path))
            #expect(stranger.isRunning)
            await stranger.stop()
        }
    }

    @Test func followsNoLinkAndTakesNoFile() async throws {
        try await withTemporary { temporary in
            let target = temporary.appendingPathComponent("target")
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(
                at: temporary.appendingPathComponent("chatbench-999999-1"), withDestinationURL: target)
            try Data().write(to: temporary.appendingPathComponent("chatbench-999999-2"))
            #expect(await Leftovers.clear(in: temporary).isEmpty)
            #expect(FileManager.default.fileExists(atPath: target.path))
        }
    }

    private func sleeper(_ folder: URL) throws -> ChildProcess {
        try ChildProcess(
            "sleeper",
            executable: URL(fileURLWithPath: "/bin/sleep"),
            arguments: ["60"],
            log: folder.appendingPathComponent("log")
        )
    }

    private func record(_ id: Int32, startOffset: Int = 0, in folder: StackFolder) throws {
        let start = Int(try #require(ProcessIdentity(id)).start) + startOffset
        try Data("\(id) \(start) TERM\n".utf8).write(to: folder.parts.appendingPathComponent("sleeper"))
    }

    private func disown(_ folder: StackFolder) throws {
        var owner = StackFolder.Owner.own
        owner.process.start += 1
        try JSONEncoder().encode(owner).write(to: folder.owner)
    }

    private func withTemporary(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("leftovers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }
}
