import Testing

@testable import LoadGen

@Suite struct FlowMatrixTests {
    @Test func deliveriesAreCountedFromInstanceToInstance() {
        var first = FlowMatrix()
        for _ in 0..<3 { first.add(from: 0, to: 0) }
        first.add(from: 0, to: 1)
        var second = FlowMatrix()
        second.add(from: 1, to: 0)
        second.add(from: 1, to: 0)
        let sum = first.merging(second)
        #expect(sum.crossShare == 0.5)
        #expect(
            sum.named(["b", "a"]) == [
                Summary.Flow(from: "a", to: "b", deliveries: 2), Summary.Flow(from: "b", to: "a", deliveries: 1),
                Summary.Flow(from: "b", to: "b", deliveries: 3),
            ])
    }

    @Test func nothingAddsNothing() {
        var one = FlowMatrix()
        one.add(from: 2, to: 2)
        #expect(FlowMatrix().merging(one) == one)
        #expect(one.merging(FlowMatrix()) == one)
        #expect(FlowMatrix().crossShare == 0)
        #expect(one.crossShare == 0)
        #expect(FlowMatrix().named(["a"]).isEmpty)
    }

    /// A stamp of a hostile server can name any number.
    @Test func numbersBeyondTheLastInstanceDoNoHarm() {
        var flows = FlowMatrix()
        flows.add(from: 999, to: 0)
        #expect(flows.named(["a"]) == [Summary.Flow(from: "?", to: "a", deliveries: 1)])
    }
}
