import NIOCore

/// A point in time, in microseconds since the Unix epoch; on the wire RFC 3339 in UTC with six decimals.
package struct Timestamp: Equatable, Comparable, Hashable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    /// The length of the text form for the years 0 to 9999: `2026-11-23T23:14:33.123456Z`.
    static let textLength = 27

    /// RFC 3339 text.
    package var text: String {
        var buffer = ByteBuffer()
        buffer.writeTimestamp(self)
        return String(buffer: buffer)
    }

    /// Reads RFC 3339 in UTC with none to nine decimals (what is finer than a microsecond is cut off).
    package init?(text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] | 0x20 == 0x74, bytes[13] == 0x3A,
            bytes[16] == 0x3A, let last = bytes.last, last | 0x20 == 0x7A
        else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), hour < 24, minute < 60, second < 61
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        // A day that its month does not have comes back as one of another month.
        guard Self.civil(days: days).day == day else { return nil }
        var fraction: Int64 = 0
        if bytes.count > 20 {
            guard bytes[19] == 0x2E, bytes.count >= 22, bytes.count <= 30, let digits = number(20..<bytes.count - 1)
            else { return nil }
            fraction = digits
            let places = bytes.count - 21
            if places < 6 { for _ in places..<6 { fraction *= 10 } }
            if places > 6 { for _ in 6..<places { fraction /= 10 } }
        }
        self.microseconds = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + fraction
    }

    /// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (Hinnant, "chrono-Compatible Low-Level
    /// Date Algorithms", days_from_civil).
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date of a day since 1970-01-01 (Hinnant, civil_from_days).
    fileprivate static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}

extension ByteBuffer {
    /// Writes RFC 3339 in UTC with six decimals, without quotes.
    package mutating func writeTimestamp(_ timestamp: Timestamp) {
        let (seconds, micros) = floorDivide(timestamp.microseconds, 1_000_000)
        let (days, secondOfDay) = floorDivide(seconds, 86_400)
        let date = Timestamp.civil(days: days)
        writeWithUnsafeMutableBytes(minimumWritableBytes: Timestamp.textLength) { out in
            func digits(_ value: Int64, at position: Int, count: Int) {
                var rest = value
                for index in stride(from: position + count - 1, through: position, by: -1) {
                    out[index] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
                    rest /= 10
                }
            }
            digits(date.year, at: 0, count: 4)
            digits(date.month, at: 5, count: 2)
            digits(date.day, at: 8, count: 2)
            digits(secondOfDay / 3600, at: 11, count: 2)
            digits(secondOfDay / 60 % 60, at: 14, count: 2)
            digits(secondOfDay % 60, at: 17, count: 2)
            digits(micros, at: 20, count: 6)
            out[4] = 0x2D
            out[7] = 0x2D
            out[10] = 0x54
            out[13] = 0x3A
            out[16] = 0x3A
            out[19] = 0x2E
            out[26] = 0x5A
            return Timestamp.textLength
        }
    }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
}
