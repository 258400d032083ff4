import Foundation
import Testing

@testable import LoadGen

private func near(_ left: Double?, _ right: Double, _ tolerance: Double = 1e-9) -> Bool {
    guard let left else { return false }
    return (left - right).magnitude <= tolerance * max(1, right.magnitude)
}

/// The statistics against SciPy; see `reference.py`.
@Suite struct ReferenceTests {
    private let reference: Reference

    init() throws {
        reference = try Reference.committed()
    }

    @Test func descriptions() {
        for (name, pair) in reference.pairs {
            #expect(near(Descriptive.median(pair.a), pair.medianA), "\(name)")
            #expect(near(Descriptive.median(pair.b), pair.medianB), "\(name)")
            #expect(near(Descriptive.standardDeviation(pair.a), pair.deviationA), "\(name)")
            #expect(near(Descriptive.hodgesLehmann(pair.a, pair.b), pair.hodgesLehmann), "\(name)")
            for (probability, value) in zip([0, 0.1, 0.25, 0.6, 0.99, 1], pair.quantilesA) {
                #expect(near(Descriptive.quantile(pair.a, probability), value), "\(name) \(probability)")
            }
        }
    }

    @Test func mannWhitney() throws {
        for (name, pair) in reference.pairs {
            let test = try #require(MannWhitney(pair.a, pair.b))
            #expect(test.u == pair.u, "\(name)")
            #expect(near(test.p, pair.pMannWhitney), "\(name): \(test.p), SciPy \(pair.pMannWhitney)")
        }
        let exact = reference.pairs.filter { MannWhitney($0.value.a, $0.value.b)?.method == .exact }
        #expect(Set(exact.keys) == ["five", "overlapping", "four", "unequal"])
    }

    @Test func permutation() {
        for (name, pair) in reference.pairs {
            guard let p = pair.pPermutation else { continue }
            let test = StepDown([pair.a], [pair.b], seed: 1)
            #expect(test.isExact)
            #expect(near(test.tests[0]?.p, p), "\(name): \(test.tests[0]?.p ?? .nan), SciPy \(p)")
            #expect(test.tests[0]?.p == test.tests[0]?.adjusted)
        }
    }

    @Test func corrections() {
        let family = reference.family
        let test = StepDown(family.a, family.b, seed: 1)
        for place in family.p.indices {
            #expect(near(test.tests[place]?.p, family.p[place]))
            #expect(near(test.tests[place]?.adjusted, family.stepDown[place]))
        }
        for (ours, theirs) in zip(Holm.adjust(family.p), family.holm) { #expect(near(ours, theirs)) }
    }

    /// A sample of the labelings comes close to all of them.
    @Test func sampledLabelings() {
        let family = reference.family
        let test = StepDown(family.a, family.b, seed: 1, limit: 200)
        #expect(!test.isExact && test.labelings == 200)
        for place in family.p.indices { #expect(near(test.tests[place]?.p, family.p[place], 0.1)) }
    }

    @Test func bootstrapIntervals() throws {
        for (name, pair) in reference.pairs {
            guard let ends = pair.bootstrap else { continue }
            let interval = try #require(BootstrapInterval(pair.a, pair.b, seed: 1))
            #expect(near(interval.low, ends.difference[0]) && near(interval.high, ends.difference[1]), "\(name)")
            guard let relative = ends.relative else { continue }
            #expect(near(interval.relativeLow, relative[0]) && near(interval.relativeHigh, relative[1]), "\(name)")
        }
    }

    @Test func normalQuantiles() {
        for row in reference.normal {
            #expect(near(NormalDistribution.quantile(row.probability), row.z, 1e-10))
            #expect(near(NormalDistribution.cumulative(row.z), row.probability, 1e-12))
        }
    }

    @Test func noncentralT() {
        for row in reference.noncentrality {
            let ours = NormalDistribution.noncentrality(critical: row.t, degrees: row.degrees, power: 0.8)
            #expect(near(ours, row.value, 0.02), "\(row): \(ours)")
        }
    }

    /// The committed file is what the script gives with the SciPy that is here.
    @Test(.enabled(if: ScientificPython.path != nil, "no python3 with scipy: python3-scipy on Debian"))
    func theCommittedValuesAreSciPys() throws {
        let python = try #require(ScientificPython.path)
        let script = Reference.folder.appending(path: "reference.py").path
        let (status, output) = try ScientificPython.run(python, [script])
        #expect(status == 0)
        let fresh = try JSONSerialization.jsonObject(with: output)
        let file = try Data(contentsOf: Reference.folder.appending(path: "reference.json"))
        expectSame(fresh, try JSONSerialization.jsonObject(with: file), at: "")
    }

    private func expectSame(_ fresh: Any, _ committed: Any, at path: String) {
        switch (fresh, committed) {
        case (let fresh as [String: Any], let committed as [String: Any]):
            #expect(Set(fresh.keys) == Set(committed.keys), "\(path)")
            for (key, value) in fresh where key != "versions" {
                expectSame(value, committed[key] ?? NSNull(), at: "\(path).\(key)")
            }
        case (let fresh as [Any], let committed as [Any]):
            #expect(fresh.count == committed.count, "\(path)")
            for (place, pair) in zip(fresh, committed).enumerated() {
                expectSame(pair.0, pair.1, at: "\(path)[\(place)]")
            }
        case (let fresh as NSNumber, let committed as NSNumber):
            // SciPy 1.10 and 1.17 differ in the noncentral t by 3e-8.
            #expect(near(fresh.doubleValue, committed.doubleValue, 1e-6), "\(path): \(fresh), committed \(committed)")
        case (let fresh as String, let committed as String): #expect(fresh == committed, "\(path)")
        default: Issue.record("\(path) differs in kind")
        }
    }
}
