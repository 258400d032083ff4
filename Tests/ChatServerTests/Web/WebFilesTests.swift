import Foundation
import NIOCore
import Testing

@testable import ChatServer

@Suite struct WebFilesTests {
    @Test func thePageHasAStrictPolicyAndIsRevalidated() async throws {
        try await TestServer.run { server in
            let page = try await server.request("GET", "/")
            #expect(page.status == 200)
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(
                page.headers["content-security-policy"]
                    == "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
                    + "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                    + "require-trusted-types-for 'script'; trusted-types 'none'"
            )
            #expect(page.headers["x-content-type-options"] == "nosniff")
            #expect(page.headers["referrer-policy"] == "no-referrer")
            #expect(page.headers["cache-control"] == "no-cache")
            #expect(page.headers["etag"] == WebFiles.page.entityTag)
        }
    }

    @Test func everyAssetIsServedWithItsTypeAndTag() async throws {
        try await TestServer.run { server in
            for (name, file) in WebFiles.assets {
                let reply = try await server.request("GET", "/assets/\(name)")
                #expect(reply.status == 200, "\(name)")
                #expect(reply.headers["content-type"] == file.type, "\(name)")
                #expect(reply.headers["content-length"] == String(file.body.readableBytes), "\(name)")
                #expect(reply.headers["etag"] == file.entityTag, "\(name)")
                #expect(reply.headers["x-content-type-options"] == "nosniff", "\(name)")
                #expect(reply.body == file.body, "\(name)")
            }
        }
    }

    @Test func aCopyThatHoldsIsNotSentAgain() async throws {
        try await TestServer.run { server in
            let http = try await TestHTTP.connect(port: server.port)
            let tag = try #require(WebFiles.assets["app.js"]?.entityTag)
            for condition in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                http.send("GET", "/assets/app.js", headers: ["if-none-match": condition])
                let reply = try await http.reply(hasBody: false)
                #expect(reply.status == 304, "\(condition)")
                #expect(reply.headers["etag"] == tag)
                #expect(reply.headers["content-type"] == nil)
                #expect(reply.headers["content-length"] == nil)
            }
            let changed = try await http.request("GET", "/assets/app.js", headers: ["if-none-match": "\"other\""])
            #expect(changed.status == 200)
        }
    }

    @Test func headAnswersAsGetWithoutABody() async throws {
        try await TestServer.run { server in
            let http = try await TestHTTP.connect(port: server.port)
            for (path, file) in [("/", WebFiles.page), ("/assets/app.css", try #require(WebFiles.assets["app.css"]))] {
                let head = try await http.request("HEAD", path)
                #expect(head.status == 200)
                #expect(head.headers["content-length"] == String(file.body.readableBytes))
                #expect(head.headers["etag"] == file.entityTag)
                #expect(head.body.readableBytes == 0)
            }
        }
    }

    @Test func whatIsNoFileIsNotFound() async throws {
        try await TestServer.run { server in
            for path in ["/assets/nothing.js", "/assets/", "/assets/..%2findex.html", "/assets/app.js/more"] {
                expectProblem(try await server.request("GET", path), 404, "not_found")
            }
            expectProblem(try await server.request("POST", "/assets/app.js"), 405, "method_not_allowed")
        }
    }

    /// A file that is forgotten in one place would be missed in the browser alone.
    @Test func whateverTheClientNamesIsThereAndNothingMore() throws {
        var named: Set<String> = []
        let page = String(buffer: WebFiles.page.body)
        for match in page.matches(of: /"\/assets\/([^"]+)"/) { named.insert(String(match.1)) }
        for (name, file) in WebFiles.assets where name.hasSuffix(".js") || name.hasSuffix(".webmanifest") {
            let text = String(buffer: file.body)
            for match in text.matches(of: /from '\.\/([^']+)'/) { named.insert(String(match.1)) }
            for match in text.matches(of: /["']\/assets\/([^"']+)["']/) { named.insert(String(match.1)) }
        }
        #expect(named == Set(WebFiles.assets.keys))
        // What a page is made of is asked for with the page, not one import after the other.
        for name in WebFiles.assets.keys where name.hasSuffix(".js") && name != "app.js" {
            #expect(page.contains(#"<link rel="modulepreload" href="/assets/\#(name)">"#), "\(name)")
        }
    }

    @Test func noFileHasInlineScriptOrStyle() {
        let page = String(buffer: WebFiles.page.body)
        #expect(!page.contains("<style"))
        #expect(!page.contains("style="))
        #expect(page.firstMatch(of: /<script(?![^>]*\bsrc=)/) == nil)
        for (name, file) in WebFiles.assets where name.hasSuffix(".js") {
            let text = String(buffer: file.body)
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
                #expect(!text.contains(word), "\(name): \(word)")
            }
        }
    }

    /// Both languages have every text, in the same forms, with the same places to fill.
    @Test func theLanguagesHaveTheSameTexts() throws {
        let source = String(buffer: try #require(WebFiles.assets["strings.js"]).body)
        func table(_ language: String) throws -> [String: Set<String>] {
            let start = try #require(source.range(of: "const \(language) = {\n")).upperBound
            let end = try #require(source.range(of: "\n};", range: start..<source.endIndex)).lowerBound
            var texts: [String: Set<String>] = [:]
            for line in source[start..<end].split(separator: "\n") {
                let parts = try #require(line.firstMatch(of: /^  (\w+): (.+),$/), "\(line)")
                let places = parts.2.matches(of: /\{\w+\}/).map { String($0.0) }
                texts[String(parts.1)] = Set(places + (parts.2.hasPrefix("{one:") ? ["forms"] : []))
            }
            return texts
        }
        let (english, spanish) = (try table("en"), try table("es"))
        #expect(english == spanish)
        #expect(english.count > 100)
    }
}
