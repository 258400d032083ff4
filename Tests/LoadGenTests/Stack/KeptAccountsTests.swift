import Foundation
import Testing

@testable import LoadGen

@Suite struct KeptAccountsTests {
    @Test func readsWhatWasKept() throws {
        let text = """
            {"username": "a", "password": "p", "refreshToken": "r"}

            {"username": "b", "password": "q"}

            """
        let kept = try RestSeeder.parse(Data(text.utf8), file: "f")
        #expect(kept.map(\.username) == ["a", "b"])
        #expect(kept.map(\.refreshToken) == ["r", nil])
    }

    @Test(arguments: [
        ("{\"username\": \"a\", \"password\": \"p\"}\nnonsense\n", "f:2: no account"),
        ("{\"username\": \"a\"}\n", "password is missing"),
        ("[]", "f:1: no account"),
    ])
    func saysWhereItIsMalformed(text: String, words: String) throws {
        do {
            _ = try RestSeeder.parse(Data(text.utf8), file: "f")
            Issue.record("it was read")
        } catch {
            #expect(error.code == .unreadable)
            #expect("\(error)".contains(words), "\(error)")
        }
    }
}
