import ChatProtocol
import Logging
import NIOCore

/// Logs one line an event: a JSON object, or text for people.
///
/// Never a token, a password or a message's content: callers pass ids.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var isJSON: Bool
    var sink: LogSink

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members = metadata
        if let given = event.metadata { members.merge(given) { $1 } }
        let pairs = members.sorted { $0.key < $1.key }
        let message = event.message.description
        var line = ByteBuffer()
        if isJSON {
            line.writeStaticString(#"{"time":""#)
            line.writeTimestamp(Clock.system.now)
            line.writeString(#"","level":"\#(event.level.rawValue)","message":"#)
            line.writeJSONString(message)
            for (key, value) in pairs {
                line.writeStaticString(",")
                line.writeJSONString(key)
                line.writeStaticString(":")
                let text = value.description
                if Self.isNumber(text) { line.writeString(text) } else { line.writeJSONString(text) }
            }
            line.writeStaticString("}\n")
        } else {
            line.writeTimestamp(Clock.system.now)
            line.writeString(" \(event.level.rawValue) \(message)")
            for (key, value) in pairs { line.writeString(" \(key)=\(value)") }
            line.writeStaticString("\n")
        }
        sink.write(Array(line.readableBytesView))
    }

    /// Counts and ids stay numbers, so that a log can be queried by them.
    private static func isNumber(_ text: String) -> Bool {
        (1...15).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && (text.utf8.first != 0x30 || text.utf8.count == 1)
    }
}
