import ArgumentParser
import Foundation

/// `LoadGen doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this machine lacks for which setup, and the command that mends it."
    )

    func run() async throws {
        HostFacts.raiseFileDescriptorLimit()
        let checks = [server, descriptors, ports, memory, library] + setups
        for check in checks {
            print("\(check.isFine ? "✓" : "✗") \(check.text)")
            if let remedy = check.remedy, !check.isFine { print("    \(remedy)") }
        }
        if checks.contains(where: { !$0.isFine }) { throw ExitCode(ExitStatus.unavailable) }
    }

    private struct Check {
        var isFine: Bool
        var text: String
        var remedy: String?
    }

    private var server: Check {
        do {
            return Check(isFine: true, text: "ChatServer: \(try Programs.chatServer().path)")
        } catch {
            return Check(
                isFine: false, text: "ChatServer is missing: the setup embedded cannot start", remedy: "make build")
        }
    }

    private var descriptors: Check {
        let limit = HostFacts.fileDescriptorLimit
        return Check(
            isFine: limit >= 10_200,
            text: "open files: \(Format.count(limit)) for each process, so about \(Format.count(limit - 100)) clients",
            remedy: "the scenario idle wants 10,200: raise the hard limit (ulimit -Hn, or /etc/security/limits.conf)"
        )
    }

    private var ports: Check {
        let text = (try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)) ?? ""
        let bounds = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        let count = bounds.count == 2 ? bounds[1] - bounds[0] : 0
        return Check(
            isFine: count >= 2000,
            text: "local ports: \(Format.count(count)) for each of 8 source addresses",
            remedy: "sysctl -w net.ipv4.ip_local_port_range='32768 60999'"
        )
    }

    private var memory: Check {
        let bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        return Check(
            isFine: bytes >= 1 << 30,
            text: "memory: \(Format.bytes(bytes))",
            remedy: "10,000 clients and their server want about 1 GB"
        )
    }

    /// What each setup lacks; a setup that cannot be read is told as such.
    private var setups: [Check] {
        let programs = Programs.standard()
        return ConfigurationLibrary.standard().allSetups().map { entry in
            switch entry.result {
            case .failure(let error):
                return Check(isFine: false, text: "setup \(entry.name) cannot be read", remedy: "\(error)")
            case .success(let setup):
                let missing = programs.missing(for: setup)
                guard missing.isEmpty else {
                    let names = missing.map(\.rawValue).joined(separator: ", ")
                    let text = "setup \(entry.name): missing \(names)"
                    return Check(isFine: false, text: text, remedy: Programs.remedy(missing))
                }
                let found = setup.programs.map(\.rawValue).joined(separator: ", ")
                return Check(isFine: true, text: "setup \(entry.name): \(found.isEmpty ? "needs nothing" : found)")
            }
        }
    }

    private var library: Check {
        let count = ConfigurationLibrary.standard().allScenarios().count
        return Check(
            isFine: count > 0,
            text: "scenarios: \(count)",
            remedy: "run from the project's folder, or set CHATBENCH_HOME to it"
        )
    }
}
