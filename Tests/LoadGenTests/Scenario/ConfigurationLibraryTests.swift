import Foundation
import Testing

@testable import LoadGen

@Suite struct ConfigurationLibraryTests {
    /// Folders that are gone when the test is over.
    private final class Folders {
        let root: String

        init(_ files: [String: String]) throws {
            root = FileManager.default.temporaryDirectory.path + "/library-" + UUID().uuidString
            for (path, text) in files {
                let url = URL(fileURLWithPath: "\(root)/\(path)")
                let folder = url.deletingLastPathComponent()
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: url)
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: root) }
    }

    private static func scenario(_ name: String) -> String {
        ScenarioFixtures.scenario.replacing("name: fixture", with: "name: \(name)")
    }

    @Test func theFirstRootWins() throws {
        let folders = try Folders([
            "a/scenarios/x.yaml": Self.scenario("first"), "b/scenarios/x.yaml": Self.scenario("second"),
            "b/scenarios/y.yaml": Self.scenario("third"), "b/setups/s.yaml": ScenarioFixtures.setup,
        ])
        let library = ConfigurationLibrary(roots: ["\(folders.root)/none", "\(folders.root)/a", "\(folders.root)/b"])
        let first = try library.scenario(named: "x")
        #expect(first.scenario.name == "first")
        #expect(first.path == "\(folders.root)/a/scenarios/x.yaml")
        #expect(try library.scenario(named: "y").scenario.name == "third")
        #expect(try library.setup(named: "s").setup.name == "fixture")
        #expect(library.allScenarios().map(\.name) == ["x", "y"])
        #expect(library.allSetups().map(\.path) == ["\(folders.root)/b/setups/s.yaml"])
    }

    @Test(arguments: ["file.yaml", "file.yml", "folder/file"])
    func pathsAreTakenAsTheyAre(path: String) throws {
        let folders = try Folders([path: Self.scenario("here")])
        let path = "\(folders.root)/\(path)"
        #expect(try ConfigurationLibrary(roots: []).scenario(named: path).path == path)
    }

    @Test func aMissingNameListsWhatThereIs() throws {
        let folders = try Folders([
            "scenarios/quick.yaml": Self.scenario("quick"), "scenarios/idle.yaml": Self.scenario("idle"),
            "scenarios/notes.txt": "no scenario",
        ])
        let library = ConfigurationLibrary(roots: [folders.root])
        let near = #expect(throws: ConfigurationNotFound.self) { try library.scenario(named: "quik") }
        #expect(
            near?.description == "no scenario is named 'quik'; did you mean 'quick'? there are: idle, quick"
        )
        let far = #expect(throws: ConfigurationNotFound.self) { try library.scenario(named: "zzzzzz") }
        #expect(far?.description == "no scenario is named 'zzzzzz'; there are: idle, quick")
        let none = #expect(throws: ConfigurationNotFound.self) { try library.setup(named: "quick") }
        #expect(none?.available == [])
        #expect(none?.description.contains("CHATBENCH_HOME") == true)
    }

    @Test func aMissingOrUnreadablePathSaysWhy() throws {
        let folders = try Folders(["folder/file.yaml": ""])
        let library = ConfigurationLibrary(roots: [])
        let missing = #expect(throws: ConfigurationNotFound.self) { try library.scenario(named: "no/such.yaml") }
        #expect(missing?.description == "no/such.yaml: there is no such file")
        let folder = "\(folders.root)/folder"
        let near = #expect(throws: ConfigurationNotFound.self) { try library.setup(named: "\(folder)/fiel.yaml") }
        #expect(near?.description.hasSuffix("there is no such file; did you mean '\(folder)/file.yaml'?") == true)
        let isFolder = #expect(throws: ConfigurationNotFound.self) { try library.setup(named: folder) }
        #expect(isFolder?.description == "\(folder): is a folder, not a setup file")
    }

    @Test func aBrokenFileNamesItsPathAndStaysInTheList() throws {
        let folders = try Folders([
            "scenarios/bad.yaml": "name: 1\n", "scenarios/good.yaml": Self.scenario("good"),
        ])
        let library = ConfigurationLibrary(roots: [folders.root])
        let thrown = #expect(throws: ConfigurationErrors.self) { try library.scenario(named: "bad") }
        #expect(thrown?.errors.first?.file == "\(folders.root)/scenarios/bad.yaml")
        let entries = library.allScenarios()
        #expect(entries.map(\.name) == ["bad", "good"])
        #expect((try? entries.first?.result.get()) == nil)
        #expect(try entries.last?.result.get().name == "good")
    }

    @Test func binaryFilesAreNoYAML() throws {
        let folders = try Folders(["x.yaml": ""])
        let path = "\(folders.root)/x.yaml"
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: path))
        let thrown = #expect(throws: ConfigurationErrors.self) {
            try ConfigurationLibrary(roots: []).scenario(named: path)
        }
        #expect(thrown?.description == "\(path): the file is not UTF-8 text")
    }

    @Test func theStandardRootsComeInOrder() {
        let library = ConfigurationLibrary.standard(
            environment: ["CHATBENCH_HOME": "/opt/chatbench"],
            executable: "/src/chatbench/.build/release/LoadGen"
        )
        let above = ["/src/chatbench/.build/release", "/src/chatbench/.build", "/src/chatbench", "/src"]
        #expect(library.roots == ["", "/opt/chatbench"] + above)
        #expect(ConfigurationLibrary.standard(environment: [:], executable: nil).roots == [""])
    }

    @Test func theExecutableKnowsWhereItLies() {
        #expect(ConfigurationLibrary.executablePath?.hasPrefix("/") == true)
    }
}
