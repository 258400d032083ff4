/// In which order the blocks of several setups run: forward and back in turn (ABC CBA ABC …), so that what drifts over
/// the hours (heat, a filling disk, a neighbour) falls on all setups alike.
struct BlockSchedule: Sendable, Equatable {
    struct Slot: Sendable, Equatable, Hashable {
        let setup: String
        /// From 1.
        let block: Int
    }

    enum Step: Sendable, Equatable {
        case run(Slot)
        /// Every block is measured.
        case finished
        /// This setup's blocks were void too often; what is measured so far is all there will be.
        case exhausted(setup: String)
    }

    let setups: [String]
    /// Per setup.
    let blocks: Int
    /// How many void blocks of a setup are replaced, over all its blocks.
    let replacements: Int

    init(setups: [String], blocks: Int, replacements: Int? = nil) {
        self.setups = setups
        self.blocks = blocks
        // A machine that voids every second block has no business measuring.
        self.replacements = replacements ?? max(2, blocks)
    }

    /// All slots in order, if none is void.
    var slots: [Slot] {
        guard blocks > 0 else { return [] }
        return (1...blocks).flatMap { block in
            (block.isMultiple(of: 2) ? setups.reversed() : setups).map { Slot(setup: $0, block: block) }
        }
    }

    /// What comes next. A void block runs again at once: its place in the order is what balances it.
    /// - Parameter results: everything that ran, in order, the void ones too.
    func next(after results: [(slot: Slot, void: Bool)]) -> Step {
        let measured = Set(results.filter { !$0.void }.map(\.slot))
        guard let slot = slots.first(where: { !measured.contains($0) }) else { return .finished }
        let voids = results.count { $0.void && $0.slot.setup == slot.setup }
        return voids > replacements ? .exhausted(setup: slot.setup) : .run(slot)
    }
}
