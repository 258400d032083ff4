import Foundation

let usage = """
    usage: MicroBench [--json] [--quick] [--filter WORD]
      --json         print one JSON object instead of a table
      --quick        a few short rounds: to see that it works, not to compare
      --filter WORD  only the benchmarks with this word in their name
    """

func warn(_ text: String) { FileHandle.standardError.write(Data("MicroBench: \(text)\n".utf8)) }

/// Status 64 is EX_USAGE, as in the other programs.
func refuse(_ argument: String) -> Never {
    warn("cannot use '\(argument)'\n\(usage)")
    exit(64)
}

var isJSON = false
var effort = Effort()
var filter = ""
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--json": isJSON = true
    case "--quick": effort = Effort(rounds: 3, round: .milliseconds(2))
    case "--filter":
        guard let word = arguments.popFirst() else { refuse(argument) }
        filter = word
    case "--help", "-h":
        print(usage)
        exit(0)
    default: refuse(argument)
    }
}

#if DEBUG
    warn("this is a debug build; its figures mean nothing")
#endif

let measured = protocolBenchmarks(Inputs())
    .filter { filter.isEmpty || $0.name.contains(filter) }
    .map { effort.measure($0) }
print(isJSON ? measured.json : measured.table)
