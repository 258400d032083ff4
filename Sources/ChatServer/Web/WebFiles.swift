import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The files that a browser gets: the web client in `Client/`, which is embedded in the program, and the API's
/// description.
enum WebFiles {
    struct File: Sendable {
        var type: String
        var body: ByteBuffer
        /// A strong validator (RFC 9110 section 8.8.3), with its quotes.
        var entityTag: String

        init(_ bytes: [UInt8], _ type: String) {
            self.type = type
            self.body = ByteBuffer(bytes: bytes)
            self.entityTag = "\"\(Secrets.hex(SHA256.hash(data: Data(bytes))).prefix(32))\""
        }
    }

    private static let script = "text/javascript; charset=utf-8"
    private static let style = "text/css; charset=utf-8"

    static let page = File(PackageResources.index_html, "text/html; charset=utf-8")

    /// The REST interface as OpenAPI 3.1.
    static let description = File(PackageResources.openapi_json, "application/json")

    /// What `/assets/NAME` answers, by name.
    static let assets: [String: File] = [
        "api.js": File(PackageResources.api_js, script),
        "app.css": File(PackageResources.app_css, style),
        "app.js": File(PackageResources.app_js, script),
        "app.webmanifest": File(PackageResources.app_webmanifest, "application/manifest+json"),
        "auth-view.js": File(PackageResources.auth_view_js, script),
        "backoff.js": File(PackageResources.backoff_js, script),
        "chat.css": File(PackageResources.chat_css, style),
        "composer.js": File(PackageResources.composer_js, script),
        "dialogs.js": File(PackageResources.dialogs_js, script),
        "dom.js": File(PackageResources.dom_js, script),
        "emitter.js": File(PackageResources.emitter_js, script),
        "icon.svg": File(PackageResources.icon_svg, "image/svg+xml"),
        "live.js": File(PackageResources.live_js, script),
        "main-view.js": File(PackageResources.main_view_js, script),
        "members-view.js": File(PackageResources.members_view_js, script),
        "messages-view.js": File(PackageResources.messages_view_js, script),
        "notify.js": File(PackageResources.notify_js, script),
        "outbox.js": File(PackageResources.outbox_js, script),
        "room-dialogs.js": File(PackageResources.room_dialogs_js, script),
        "room-view.js": File(PackageResources.room_view_js, script),
        "rooms-view.js": File(PackageResources.rooms_view_js, script),
        "rooms.js": File(PackageResources.rooms_js, script),
        "session.js": File(PackageResources.session_js, script),
        "settings.js": File(PackageResources.settings_js, script),
        "socket.js": File(PackageResources.socket_js, script),
        "storage.js": File(PackageResources.storage_js, script),
        "strings.js": File(PackageResources.strings_js, script),
        "timeline.js": File(PackageResources.timeline_js, script),
    ]

    /// The client's own files and its own server, and nothing else: no inline script or style, no frame around it, and
    /// no string may become markup (Trusted Types). `'self'` covers the WebSocket of the same origin.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'",
        "manifest-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    static func openAPI(_ request: Request) -> Response { answer(description, to: request) }

    static func index(_ request: Request) -> Response { answer(page, to: request) }

    /// - Throws: ``Problem`` `not_found` if the client has no such file.
    static func asset(_ request: Request, name: String?) throws -> Response {
        guard let file = name.flatMap({ assets[$0] }) else { throw Problem.notFound }
        return answer(file, to: request)
    }

    /// Names carry no version, so a browser asks each time whether its copy still holds; 304 without a body if it does.
    private static func answer(_ file: File, to request: Request) -> Response {
        var headers: HTTPFields = [
            .cacheControl: "no-cache",
            .contentSecurityPolicy: contentSecurityPolicy,
            .eTag: file.entityTag,
            .xContentTypeOptions: "nosniff",
        ]
        if let referrerPolicy = HTTPField.Name("Referrer-Policy") { headers[referrerPolicy] = "no-referrer" }
        if holds(request.headers[values: .ifNoneMatch], file.entityTag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = file.type
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.body))
    }

    /// `If-None-Match` (RFC 9110 section 13.1.2): `*`, or a list of entity tags, compared weakly.
    private static func holds(_ fields: [String], _ entityTag: String) -> Bool {
        fields.flatMap { $0.split(separator: ",") }.contains { element in
            let tag = element.trimmingCharacters(in: .whitespaces)
            return tag == "*" || tag == entityTag || tag == "W/\(entityTag)"
        }
    }
}
