import Foundation
import Testing

@testable import LoadGen

@Suite struct StackCommandTests {
    @Test func tablesAlign() {
        let text = StackStatus.table([["PART", "PID"], ["haproxy", "1"], ["a", "12345"]])
        #expect(text == "  PART     PID\n  haproxy  1\n  a        12345")
    }

    @Test func aTailGoesOnWhereItStopped() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("tail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let part = StackPart(
            name: "a",
            kind: .server,
            record: PartRecord(process: .own, stopSignal: "TERM"),
            port: 1,
            probe: .http,
            logPath: file.path
        )
        var plain = LogTail(part: part, prefixWidth: 0)
        var named = LogTail(part: part, prefixWidth: 3)
        #expect(plain.next() == nil, "no file yet")
        try Data("one\n\ntw".utf8).write(to: file)
        #expect(plain.next() == "one\n\n")
        #expect(plain.next() == nil, "half a line waits for its end")
        try Data("one\n\ntwo\n".utf8).write(to: file)
        #expect(plain.next() == "two\n")
        #expect(named.next() == "a   | one\na   | \na   | two\n")
        #expect(named.next() == nil)
    }

    @Test func aLogWithoutLinesIsReadToo() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("tail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(repeating: 0x78, count: 3 << 20).write(to: file)
        let record = PartRecord(process: .own, stopSignal: "TERM")
        let part = StackPart(name: "a", kind: .server, record: record, port: 1, probe: .http, logPath: file.path)
        var tail = LogTail(part: part, prefixWidth: 0)
        var total = 0
        while let text = tail.next() { total += text.count - 1 }
        #expect(total == 3 << 20)
    }
}
