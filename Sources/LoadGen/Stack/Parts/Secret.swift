import Foundation

/// Keys and passwords that live as long as a stack.
enum Secret {
    /// Hexadecimal digits, two for each byte.
    static func random(bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<bytes).map { _ in String(format: "%02x", UInt8.random(in: 0 ... .max, using: &generator)) }.joined()
    }

    /// Writes a file that only its owner can read.
    /// - Parameter account: the owner; nil: this process's user.
    static func write(_ text: String, to url: URL, for account: ServiceAccount? = nil) throws {
        let isWritten = FileManager.default.createFile(
            atPath: url.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten, account.map({ chown(url.path, $0.user, $0.group) == 0 }) ?? true else {
            throw StackError(description: "cannot write \(url.path): \(String(cString: strerror(errno)))")
        }
    }
}
