import HTTPTypes
import Hummingbird
import NIOCore

/// The files that a browser gets.
enum WebFiles {
    static var openAPI: Response { file(OpenAPI.document, "application/json") }

    static var index: Response { file(page, "text/html; charset=utf-8") }

    private static func file(_ text: String, _ type: String) -> Response {
        let headers: HTTPFields = [
            .contentType: type,
            .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            .xContentTypeOptions: "nosniff",
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private static let page = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>ChatServer</title>
        <style>
        :root { color-scheme: light dark } body { font: 1rem/1.5 system-ui; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
        </style>
        <h1>ChatServer</h1>
        <p>A chat backend over WebSockets. This instance is running.</p>
        <ul>
        <li><a href="/openapi.json">The REST interface</a> (OpenAPI)</li>
        <li><a href="/metrics">Metrics</a> (Prometheus)</li>
        <li><a href="/health/ready">Readiness</a></li>
        </ul>
        <p>The WebSocket is at <code>/ws</code>.</p>
        </html>
        """
}
