import Foundation
import Logging
import Testing

@testable import ChatServer

@Suite struct LineLogHandlerTests {
    /// What a logger writes while `body` runs.
    private static func lines(isJSON: Bool, _ body: (Logger) -> Void) throws -> [String] {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        body(Logger(label: "test") { _ in LineLogHandler(logLevel: .info, isJSON: isJSON, sink: sink) })
        sink.flush()
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }

    @Test func everyLineIsOneJSONObject() throws {
        let nasty = "quote \" backslash \\ newline \n tab \t control \u{1} line \u{2028} emoji \u{1F680}"
        let lines = try Self.lines(isJSON: true) { logger in
            logger.info("plain")
            logger.warning(
                "\(nasty)", metadata: ["\(nasty)": "\(nasty)", "user_id": "42", "error": .array(["a", "b"])])
            logger.debug("below the level")
            logger.error("numbers", metadata: ["a": "0", "b": "007", "c": "-1", "d": "1234567890123456", "e": "12"])
        }
        #expect(lines.count == 3)
        let objects = try lines.map { try JSON(text: $0.utf8) }
        for object in objects {
            #expect(object.keys.isSuperset(of: ["time", "level", "message"]))
        }
        #expect(objects[0]["message"] == .string("plain"))
        #expect(objects[0]["level"] == .string("info"))
        #expect(objects[1]["message"] == .string(nasty))
        #expect(objects[1][nasty] == .string(nasty))
        #expect(objects[1]["user_id"] == .integer(42))
        #expect(objects[2]["a"] == .integer(0))
        #expect(objects[2]["b"] == .string("007"))
        #expect(objects[2]["c"] == .string("-1"))
        #expect(objects[2]["d"] == .string("1234567890123456"))
        #expect(objects[2]["e"] == .integer(12))
    }

    @Test func aLoggersOwnMetadataIsThereAndACallsWins() throws {
        let lines = try Self.lines(isJSON: true) { logger in
            var logger = logger
            logger[metadataKey: "instance"] = "a"
            logger[metadataKey: "room_id"] = "1"
            logger.info("hello", metadata: ["room_id": "2"])
        }
        let object = try JSON(text: try #require(lines.first).utf8)
        #expect(object["instance"] == .string("a"))
        #expect(object["room_id"] == .integer(2))
    }

    @Test func textIsForPeople() throws {
        let lines = try Self.lines(isJSON: false) { $0.notice("listening", metadata: ["port": "80", "host": "::1"]) }
        #expect(lines.count == 1)
        #expect(lines.first?.hasSuffix(" notice listening host=::1 port=80") == true)
    }
}
