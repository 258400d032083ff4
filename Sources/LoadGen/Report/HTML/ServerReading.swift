/// A row of `metrics.csv`: one instance's own figures at one instant. Counters count from the server's start.
struct ServerReading: Sendable, Equatable {
    var second: Double
    var instance: String
    var connections: Double?
    var persisted: Double?
    var deliveries: Double?
    var cpuSeconds: Double?
    var residentBytes: Double?

    static func read(_ text: String) throws(CSVTable.Malformed) -> [ServerReading] {
        let table = try CSVTable(text, key: "second")
        return table.rows.compactMap { row in
            guard let second = table.number(row, "second"), let instance = table.text(row, "instance") else {
                return nil
            }
            return ServerReading(
                second: second, instance: instance, connections: table.number(row, "connections"),
                persisted: table.number(row, "persisted"), deliveries: table.number(row, "deliveries"),
                cpuSeconds: table.number(row, "cpu_seconds"), residentBytes: table.number(row, "rss_bytes"))
        }
    }
}

extension [ServerReading] {
    /// Sorted: scrapes of one instant stand in the file in the order in which they were answered.
    var instances: [String] { Set(map(\.instance)).sorted() }

    func gauge(_ path: KeyPath<ServerReading, Double?>, of instance: String) -> [(x: Double, y: Double?)] {
        filter { $0.instance == instance }.map { ($0.second, $0[keyPath: path]) }
    }

    /// The growth of a counter per second, between each reading and the one before; at the later one's instant. A
    /// counter that falls was reset by a restart: nil.
    func rate(_ path: KeyPath<ServerReading, Double?>, of instance: String) -> [(x: Double, y: Double?)] {
        let own = filter { $0.instance == instance }
        return zip(own, own.dropFirst()).compactMap { before, after in
            let seconds = after.second - before.second
            // Two scrapes at nearly the same instant tell of their own jitter.
            guard seconds > 0.25 else { return nil }
            guard let low = before[keyPath: path], let high = after[keyPath: path], high >= low else {
                return (after.second, nil)
            }
            return (after.second, (high - low) / seconds)
        }
    }
}
