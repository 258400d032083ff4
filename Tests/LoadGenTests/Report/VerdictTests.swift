import Testing

@testable import LoadGen

@Suite struct VerdictTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var interrupted = false
        var void = false
        var lost = 0
        var broken = false
        var failure: String?
        let verdict: Summary.Verdict
        let status: Int32

        var testDescription: String { "\(verdict) \(status)" }
    }

    @Test(arguments: [
        Row(verdict: .pass, status: 0),
        Row(broken: true, verdict: .thresholdFailed, status: 99),
        Row(lost: 1, verdict: .integrityFailed, status: 97),
        Row(lost: 1, broken: true, verdict: .integrityFailed, status: 97),
        Row(void: true, verdict: .generatorBottleneck, status: 96),
        Row(void: true, lost: 1, broken: true, verdict: .generatorBottleneck, status: 96),
        Row(interrupted: true, verdict: .interrupted, status: 105),
        Row(interrupted: true, void: true, lost: 1, broken: true, failure: "x", verdict: .interrupted, status: 105),
        Row(failure: "x", verdict: .error, status: 69),
        Row(broken: true, failure: "x", verdict: .error, status: 69),
        Row(lost: 1, failure: "x", verdict: .integrityFailed, status: 97),
    ])
    func gravestFaultDecides(row: Row) {
        var summary = Summary()
        summary.interrupted = row.interrupted
        summary.generator.void = row.void
        summary.integrity.lost = row.lost
        summary.thresholds = [.init(rule: "a", value: 0, pass: true), .init(rule: "b", value: 0, pass: !row.broken)]
        summary.failure = row.failure
        #expect(summary.verdict == row.verdict)
        #expect(summary.exitStatus == row.status)
    }

    @Test(arguments: 0..<6)
    func eachIntegrityFigureCounts(index: Int) {
        var summary = Summary()
        switch index {
        case 0: summary.integrity.lost = 1
        case 1: summary.integrity.duplicated = 1
        case 2: summary.integrity.outOfOrder = 1
        case 3: summary.integrity.unacked = 1
        case 4: summary.integrity.unexpected = 1
        default: summary.integrity.storeMissing = 1
        }
        #expect(summary.exitStatus == 97)
        #expect(summary.integrity.figures.map(\.value).enumerated().allSatisfy { $1 == ($0 == index ? 1 : 0) })
    }
}
