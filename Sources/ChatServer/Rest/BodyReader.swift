import ChatProtocol
import Hummingbird
import NIOCore

/// Reads a request's JSON body member by member, and gathers what is wrong with all of them into one answer.
struct BodyReader {
    private let object: FlatObject
    private let names: FlatObject.Names
    private var problems: [Problem.FieldError] = []

    /// Reads the body of a request.
    /// - Parameters:
    ///   - names: the members that `read` asks for, by their place in this list.
    ///   - optional: an empty body is taken for an empty object.
    /// - Throws: ``Problem``: `malformed_json`, `too_large` or `validation_failed`.
    static func read<T>(
        _ request: Request,
        _ names: FlatObject.Names,
        optional: Bool = false,
        _ read: (inout BodyReader) -> T?
    ) async throws -> T {
        var body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Limits.maxBodyBytes)
        } catch {
            throw Problem(.tooLarge, "a body may have \(Limits.maxBodyBytes) bytes")
        }
        if optional, body.readableBytes == 0 { body.writeStaticString("{}") }
        return try body.withUnsafeReadableBytes { bytes in
            guard isValidUTF8(bytes) else { throw Problem(.malformedJSON, "the body is not UTF-8") }
            var reader = try BodyReader(bytes, names)
            let value = read(&reader)
            guard let value, reader.problems.isEmpty else { throw Problem.validation(reader.problems) }
            return value
        }
    }

    private init(_ bytes: UnsafeRawBufferPointer, _ names: FlatObject.Names) throws {
        object = FlatObject(bytes, names: names)
        self.names = names
        if let failure = object.failure {
            throw Problem(.malformedJSON, "the body is not JSON: \(failure.reason) at byte \(failure.offset)")
        }
        guard object.isObject else {
            throw Problem.validation([Problem.FieldError(field: "", message: "the body must be a JSON object")])
        }
        if let key = object.duplicate { fail(key, "must stand once") }
    }

    mutating func fail(_ field: String, _ message: String) {
        problems.append(Problem.FieldError(field: field, message: message))
    }

    /// True if the member stands there, as a null too.
    func has(_ index: Int) -> Bool { object[index] != nil }

    /// A text that must be there.
    mutating func text(_ index: Int, length: ClosedRange<Int>) -> String? {
        guard object[index] != nil else {
            fail(name(index), "is missing")
            return nil
        }
        if object[index] == .null { fail(name(index), "must be a string, not null") }
        return optionalText(index, length: length)
    }

    mutating func optionalText(_ index: Int, length: ClosedRange<Int>) -> String? {
        switch object[index] {
        case nil, .null: return nil
        case .string(let token):
            guard let text = object.scanner.string(token) else {
                fail(name(index), "holds a lone surrogate")
                return nil
            }
            guard length.contains(text.unicodeScalars.count) else {
                fail(name(index), "must have \(length.lowerBound) to \(length.upperBound) characters")
                return nil
            }
            guard !text.utf8.contains(0) else {
                fail(name(index), "holds a NUL")
                return nil
            }
            return text
        case .some(let value):
            fail(name(index), "must be a string, not \(value.name)")
            return nil
        }
    }

    /// A whole number from 0 that must be there.
    mutating func natural(_ index: Int) -> Int64? {
        switch object[index] {
        case .integer(let value) where value >= 0: return value
        case nil: fail(name(index), "is missing")
        case .some(let value): fail(name(index), "must be an integer of at least 0, not \(value.name)")
        }
        return nil
    }

    mutating func optionalBool(_ index: Int) -> Bool? {
        switch object[index] {
        case nil, .null: return nil
        case .bool(let value): return value
        case .some(let value):
            fail(name(index), "must be a boolean, not \(value.name)")
            return nil
        }
    }

    mutating func optionalInteger(_ index: Int, in range: ClosedRange<Int>) -> Int? {
        switch object[index] {
        case nil, .null: return nil
        case .integer(let value) where range.contains(Int(value)): return Int(value)
        case .some(let value):
            fail(name(index), "must be an integer from \(range.lowerBound) to \(range.upperBound), not \(value.name)")
            return nil
        }
    }

    private func name(_ index: Int) -> String { names[index].description }
}
