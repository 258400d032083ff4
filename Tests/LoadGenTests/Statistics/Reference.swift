import Foundation

/// What `reference.py` writes: values from SciPy, or by brute force.
struct Reference: Decodable {
    struct Pair: Decodable {
        struct Ends: Decodable {
            let difference: [Double]
            let relative: [Double]?
        }

        let a: [Double]
        let b: [Double]
        let medianA: Double
        let medianB: Double
        let quantilesA: [Double]
        let deviationA: Double
        let hodgesLehmann: Double
        let u: Double
        let pMannWhitney: Double
        let pPermutation: Double?
        let bootstrap: Ends?
    }

    struct Family: Decodable {
        let a: [[Double]]
        let b: [[Double]]
        let p: [Double]
        let stepDown: [Double]
        let holm: [Double]
    }

    struct Quantile: Decodable {
        let probability: Double
        let z: Double
    }

    struct Noncentrality: Decodable {
        let t: Double
        let degrees: Double
        let value: Double
    }

    struct Touched: Decodable {
        let clients: Int
        let instances: Int
        let members: Int
        let value: Double
    }

    let pairs: [String: Pair]
    let family: Family
    let normal: [Quantile]
    let noncentrality: [Noncentrality]
    let touched: [Touched]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    static func committed() throws -> Reference {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Reference.self, from: Data(contentsOf: folder.appending(path: "reference.json")))
    }
}

/// The Python on this machine that has SciPy, if one has: the first in PATH, or Debian's.
enum ScientificPython {
    static let path: String? = ["/usr/bin/env", "/usr/bin/python3"].first { program in
        (try? run(program, ["-c", "import scipy"]))?.status == 0
    }

    static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: Data) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = (program.hasSuffix("env") ? ["python3"] : []) + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, data)
    }
}
