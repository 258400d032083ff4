import ArgumentParser

/// Which certificates of a `--target` are taken.
struct TrustOptions: ParsableArguments {
    @Option(name: .customLong("ca-file"), help: "Authorities of an https target's certificate, in PEM (the system's).")
    var authorities: String?

    @Flag(help: "Take any certificate of an https target.")
    var insecure = false

    func trust() throws -> TLSTrust {
        guard let authorities else { return insecure ? .anyone : .system }
        guard !insecure else {
            throw UsageError(
                description: "--ca-file says whom to trust and --insecure to trust anyone: give one of them")
        }
        return .authorities(file: authorities)
    }
}
