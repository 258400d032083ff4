import ChatProtocol
import Testing

@testable import ChatServer

extension ContractTests {
    /// Who may do what over REST: every route, for every kind of caller, in every kind of room, on both stores.
    @Suite struct Permissions {
        /// An answer is the status, or the error's code: `token` unauthorized, `hidden` room_not_found, `none` not_found,
        /// `no` forbidden, `code` wrong_access_code, `stays` owner_cannot_leave, `invalid` validation_failed,
        /// `login` invalid_credentials. `{tim}` is one more member.
        private static let table = """
            GET /rooms/{id}                      | public  | token token 200    200 200     200    200    token
                                                 | private | token token hidden 200 200     hidden hidden token
            GET /rooms lists it                  | public  | token token yes    yes yes     yes    yes    token
                                                 | private | token token not    yes yes     not    not    token
            PATCH /rooms/{id} name               | public  | token token no     no  200     no     no     token
                                                 | private | token token hidden no  200     hidden hidden token
            PATCH /rooms/{id} code               | public  | token token no     no  invalid no     no     token
                                                 | private | token token hidden no  200     hidden hidden token
            PATCH /rooms/{id} no code            | public  | token token no     no  invalid no     no     token
                                                 | private | token token hidden no  200     hidden hidden token
            DELETE /rooms/{id}                   | public  | token token no     no  204     no     no     token
                                                 | private | token token hidden no  204     hidden hidden token
            POST /rooms/{id}/join                | public  | token token 200    200 200     200    200    token
                                                 | code    | token token code   200 200     code   code   token
                                                 | invite  | token token hidden 200 200     hidden hidden token
            POST /rooms/{id}/join right code     | public  | token token 200    200 200     200    200    token
                                                 | code    | token token 200    200 200     200    200    token
                                                 | invite  | token token hidden 200 200     hidden hidden token
            POST /rooms/{id}/join wrong code     | public  | token token 200    200 200     200    200    token
                                                 | code    | token token code   200 200     code   code   token
                                                 | invite  | token token hidden 200 200     hidden hidden token
            POST /rooms/{id}/leave               | public  | token token no     204 stays   no     no     token
                                                 | private | token token hidden 204 stays   hidden hidden token
            GET /rooms/{id}/members              | public  | token token no     200 200     no     no     token
                                                 | private | token token hidden 200 200     hidden hidden token
            DELETE /rooms/{id}/members/{tim}     | public  | token token no     no  204     no     no     token
                                                 | private | token token hidden no  204     hidden hidden token
            DELETE /rooms/{id}/members/{owner}   | public  | token token no     no  stays   no     no     token
                                                 | private | token token hidden no  stays   hidden hidden token
            DELETE /rooms/{id}/members/{none}    | public  | token token no     no  none    no     no     token
                                                 | private | token token hidden no  none    hidden hidden token
            GET /rooms/{id}/messages             | public  | token token no     200 200     no     no     token
                                                 | private | token token hidden 200 200     hidden hidden token
            POST /rooms/{id}/read                | public  | token token no     200 200     no     no     token
                                                 | private | token token hidden 200 200     hidden hidden token
            POST /rooms/{id}/invitations         | public  | token token no     no  201     no     no     token
                                                 | private | token token hidden no  201     hidden hidden token
            GET /rooms/{id}/invitations          | public  | token token no     no  200     no     no     token
                                                 | private | token token hidden no  200     hidden hidden token
            DELETE /rooms/{id}/invitations/{its} | public  | token token no     no  204     no     no     token
                                                 | private | token token hidden no  204     hidden hidden token
            DELETE /rooms/{id}/invitations/{no}  | public  | token token no     no  none    no     no     token
                                                 | private | token token hidden no  none    hidden hidden token
            POST /invitations/{its}/accept       | *       | token token 200    200 200     200    200    token
            POST /invitations/{no}/accept        | *       | token token none   none none   none   none   token
            POST /rooms                          | *       | token token 201    201 201     201    201    token
            GET /auth/me                         | *       | token token 200    200 200     200    200    token
            POST /auth/register                  | *       | invalid invalid invalid invalid invalid invalid invalid invalid
            POST /auth/login                     | *       | login login login  login login login  login  login
            POST /auth/refresh                   | *       | token token token  token token token  token  token
            POST /auth/logout                    | *       | token token token  token token token  token  token
            GET /health/live                     | *       | 200   200   200    200 200     200    200    200
            GET /health/ready                    | *       | 200   200   200    200 200     200    200    200
            GET /metrics                         | *       | 200   200   200    200 200     200    200    200
            GET /openapi.json                    | *       | 200   200   200    200 200     200    200    200
            GET /                                | *       | 200   200   200    200 200     200    200    200
            """

        private static let words: [String: (status: Int, code: String)] = [
            "token": (401, "unauthorized"), "login": (401, "invalid_credentials"), "no": (403, "forbidden"),
            "code": (403, "wrong_access_code"), "hidden": (404, "room_not_found"), "none": (404, "not_found"),
            "stays": (409, "owner_cannot_leave"), "invalid": (422, "validation_failed"),
        ]

        private static let bodies = [
            "PATCH /rooms/{id} name": #"{"name":"Another"}"#, "PATCH /rooms/{id} code": #"{"access_code":"new one"}"#,
            "PATCH /rooms/{id} no code": #"{"access_code":null}"#,
            "POST /rooms/{id}/join right code": #"{"access_code":"\#(PermissionStage.code)"}"#,
            "POST /rooms/{id}/join wrong code": #"{"access_code":"wrong"}"#,
            "POST /rooms/{id}/read": #"{"seq":1}"#, "POST /rooms": #"{"name":"New"}"#,
            "POST /auth/register": #"{"username":"x"}"#,
            "POST /auth/login": #"{"username":"no such user","password":"long enough"}"#,
            "POST /auth/refresh": #"{"refresh_token":"x"}"#, "POST /auth/logout": #"{"refresh_token":"x"}"#,
        ]

        @Test(arguments: StoreKind.allCases)
        func everyRouteForEveryCaller(store: StoreKind) async throws {
            let table = try PermissionTable(Self.table)
            table.expectWhole()
            try await PermissionStage.run(on: store) { stage in
                for row in table.rows {
                    // Where the room makes no difference, one is enough.
                    let kinds = row.kinds.count == 3 && !row.question.contains("{") ? [.everybody] : row.kinds
                    for kind in kinds {
                        for caller in Caller.allCases {
                            let room = try await stage.room(kind)
                            let expected = try #require(row.answers[caller])
                            let found = try await Self.ask(row.question, caller, room, stage)
                            #expect(found == expected, "\(row.question), \(kind), \(caller)")
                        }
                    }
                }
            }
        }

        private static func ask(
            _ question: String, _ caller: Caller, _ room: PermissionRoom, _ stage: PermissionStage
        ) async throws -> String {
            let words = question.split(separator: " ").map(String.init)
            let path = words[1].replacing("{id}", with: "\(room.id)").replacing("{tim}", with: "\(stage.other.id)")
                .replacing("{owner}", with: "\(try stage.user(.owner).id)").replacing("{none}", with: "999999")
                .replacing("{its}", with: room.invitation).replacing("{no}", with: "no-such-code")
            let isList = question.hasSuffix("lists it")
            let reply = try await stage.http.request(
                words[0], isList ? "/rooms?after_id=\(room.id - 1)" : path, token: stage.token(caller),
                body: bodies[question])
            if isList, reply.status == 200 {
                let listed = reply.json["rooms"]?.array?.contains { $0["id"]?.integer == room.id }
                return listed == true ? "yes" : "not"
            }
            guard reply.status >= 400 else { return "\(reply.status)" }
            let code = reply.json["code"]?.string
            guard let word = Self.words.first(where: { $0.value == (reply.status, code ?? "") }) else {
                return "\(reply.status) \(reply.text)"
            }
            expectProblem(reply, word.value.status, word.value.code)
            return word.key
        }

        /// The table has every route of the API's description, and the description every route of the table but the web
        /// client's.
        @Test func everyRouteIsInTheTable() async throws {
            var asked: Set<String> = []
            for row in try PermissionTable(Self.table).rows {
                let words = row.question.split(separator: " ").map(String.init)
                asked.insert(
                    "\(words[0]) "
                        + words[1].replacing("/members/{tim}", with: "/members/{user_id}")
                        .replacing("/members/{owner}", with: "/members/{user_id}")
                        .replacing("/members/{none}", with: "/members/{user_id}")
                        .replacing("{its}", with: "{code}").replacing("{no}", with: "{code}"))
            }
            asked.remove("GET /")
            let api = try JSON(text: PackageResources.openapi_json)
            var described: Set<String> = []
            for path in api["paths"]?.keys ?? [] {
                for method in api["paths"]?[path]?.keys ?? [] where method != "parameters" {
                    described.insert("\(method.uppercased()) \(path)")
                }
            }
            #expect(asked == described, "\(asked.symmetricDifference(described))")
        }

        /// What a refusal says about a hidden room is what it says about none.
        @Test(arguments: StoreKind.allCases)
        func hiddenRoomsAnswerAsNoneDoes(store: StoreKind) async throws {
            try await PermissionStage.run(on: store) { stage in
                let room = try await stage.room(.byInvitation)
                let rows = try PermissionTable(Self.table).rows
                for row in rows where row.answers[.stranger] == "hidden" && row.kinds.contains(.byInvitation) {
                    let nothing = PermissionRoom(id: 999_999, kind: .byInvitation, invitation: "no-such-code")
                    for target in [room, nothing] {
                        #expect(try await Self.ask(row.question, .stranger, target, stage) == "hidden")
                    }
                }
            }
        }
    }
}
