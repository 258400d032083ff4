/// Deliveries from each instance (a row) to each instance (a column), as squares whose area is the number: what stays
/// on an instance lies on the diagonal, all else went through the broker.
struct FlowChart: Sendable {
    let flows: [Summary.Flow]

    /// More instances than this make cells too small for their numbers; the table has them all.
    private static let cellLimit = 12

    private var names: [String] {
        var seen: Set<String> = []
        return flows.flatMap { [$0.from, $0.to] }.filter { seen.insert($0).inserted }.sorted()
    }

    /// Nil without flows.
    var figure: ChartFigure? {
        let names = names
        let total = flows.map(\.deliveries).reduce(0, +)
        guard !names.isEmpty, total > 0 else { return nil }
        let local = flows.filter { $0.from == $0.to }.map(\.deliveries).reduce(0, +)
        let stayed = Format.percent(Double(local) / Double(total))
        return ChartFigure(
            id: "flow",
            title: "Deliveries between instances",
            note:
                "Rows: the sender's instance; columns: the receiver's. \(stayed) stayed on their instance (outlined).",
            description:
                "A matrix of \(names.count) by \(names.count) instances; \(stayed) of the deliveries stayed on one.",
            table: table(names, total),
            isSmall: true,
            height: {
                names.count > Self.cellLimit ? 30 : Self.geometry($0, names.count).cell * Double(names.count) + 42
            },
            draw: { draw($0, names, total) })
    }

    private static func geometry(_ size: PlotFrame.Size, _ count: Int) -> (left: Double, cell: Double) {
        let left: Double = size == .wide ? 200 : 80
        let widest: Double = size == .wide ? 84 : 74
        return (left, min(widest, (size.width - left - 8) / Double(count)))
    }

    private func deliveries(_ from: String, _ to: String) -> Int {
        flows.filter { $0.from == from && $0.to == to }.map(\.deliveries).reduce(0, +)
    }

    private func draw(_ size: PlotFrame.Size, _ names: [String], _ total: Int) -> Markup {
        guard names.count <= Self.cellLimit else {
            return "<text class=\"name\" x=\"4\" y=\"20\">\(names.count) instances: see the table</text>"
        }
        let (left, cell) = Self.geometry(size, names.count)
        let largest = Double(flows.map(\.deliveries).max() ?? 1)
        let room = Int(cell / 7)
        var out: Markup = "<text class=\"tick end\" x=\"\(left - 10)\" y=\"22\">from ↓ to →</text>"
        for (column, name) in names.enumerated() {
            let middle = left + (Double(column) + 0.5) * cell
            out += "<text class=\"name mid\" x=\"\(middle)\" y=\"22\">\(Self.short(name, room))</text>"
        }
        for (row, from) in names.enumerated() {
            let top = 34 + Double(row) * cell
            let label = Self.short(from, size == .wide ? 25 : 10)
            out += "<text class=\"name end\" x=\"\(left - 10)\" y=\"\(top + cell / 2 + 4)\">\(label)</text>"
            for (column, to) in names.enumerated() {
                let count = deliveries(from, to)
                let side = (Double(count) / largest).squareRoot() * (cell - 6)
                let (x, middle) = (left + Double(column) * cell, cell / 2)
                let share = Format.percent(Double(count) / Double(total))
                out += """
                    <rect class="cell\(from == to ? " own" : "")" x="\(x + 1)" y="\(top + 1)" width="\(cell - 2)" \
                    height="\(cell - 2)"/><rect class="mass" x="\(x + middle - side / 2)" \
                    y="\(top + middle - side / 2)" width="\(side)" height="\(side)" rx="2"/>\
                    <text class="celltext mid" x="\(x + middle)" y="\(top + middle + 4)">\(share)</text>\
                    <rect class="hit" x="\(x)" y="\(top)" width="\(cell)" height="\(cell)">\
                    <title>\(from) → \(to)\n\(Format.count(count)) deliveries, \(share)</title></rect>
                    """
            }
        }
        return out
    }

    /// The end of a name tells instances apart better than its beginning, as ports do.
    private static func short(_ name: String, _ width: Int) -> String {
        let name = Format.printable(name)
        return name.count <= max(2, width) ? name : "…" + name.suffix(max(1, width - 1))
    }

    private func table(_ names: [String], _ total: Int) -> DataTable {
        let rows = names.flatMap { from in
            names.map { to in
                let count = deliveries(from, to)
                return ["\(from) → \(to)", Format.count(count), Format.percent(Double(count) / Double(total))]
            }
        }
        return DataTable(columns: ["from → to", "deliveries", "share"], rows: rows, caption: "Flow between instances")
    }
}
