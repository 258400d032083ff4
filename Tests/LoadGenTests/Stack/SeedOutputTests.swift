import Foundation
import Testing

@testable import LoadGen

@Suite struct SeedOutputTests {
    @Test func readsAccountsAndRooms() throws {
        let text = """
            {"user":{"id":11,"username":"a","token":"ta"}}
            {"user":{"id":7,"username":"b \\"q\\"","token":"tb"}}
            {"room":{"id":3,"name":"r","access_code":null,"members":[7,11]}}

            {"room":{"id":4,"name":"p","access_code":"sesame","members":[11]}}

            """
        let (accounts, rooms) = try SeedOutput.parse(Data(text.utf8))
        #expect(
            accounts == [
                Account(userID: 11, username: "a", token: "ta"), Account(userID: 7, username: "b \"q\"", token: "tb"),
            ])
        // Members are clients' numbers, not ids.
        #expect(
            rooms == [
                RoomPlan(id: 3, accessCode: nil, members: [1, 0]),
                RoomPlan(id: 4, accessCode: "sesame", members: [0]),
            ])
    }

    @Test func toleratesWhatItDoesNotKnow() throws {
        let text = #"{"user":{"id":1,"username":"a","token":"t","role":"x"},"more":[]}"# + "\n" + #"{"note":1}"#
        let (accounts, rooms) = try SeedOutput.parse(Data(text.utf8))
        #expect(accounts.map(\.userID) == [1])
        #expect(rooms.isEmpty)
    }

    @Test func nothingIsNothing() throws {
        let (accounts, rooms) = try SeedOutput.parse(Data())
        #expect(accounts.isEmpty)
        #expect(rooms.isEmpty)
    }

    @Test(arguments: [
        "nonsense", #"{"user":{"id":1,"username":"a"}}"#, #"{"user":{"id":"1","username":"a","token":"t"}}"#,
        #"{"room":{"id":1,"members":[1}}"#,
    ])
    func halfALineIsAnError(text: String) {
        #expect(throws: DecodingError.self) { try SeedOutput.parse(Data(text.utf8)) }
    }
}
