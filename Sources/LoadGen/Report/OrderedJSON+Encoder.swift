extension OrderedJSON {
    /// Encodes a value with the keys in the order in which it encodes them: that of its `CodingKeys`, when the
    /// conformance is the compiler's. Keys of a dictionary are sorted. A number that is not finite becomes 0, because
    /// JSON has no word for it, and a result must not be lost for one bad rate.
    init(encoding value: some Encodable) throws {
        let node = Node()
        try node.encode(value, path: [])
        self = node.json
    }
}

/// A place in the document that is being filled. A class, because containers outlive the call that made them.
private final class Node {
    private enum Content {
        case scalar(OrderedJSON)
        case array([Node])
        case object([(key: String, node: Node)])
    }

    private var content = Content.object([])

    var json: OrderedJSON {
        switch content {
        case .scalar(let value): value
        case .array(let nodes): .array(nodes.map(\.json))
        case .object(let members): .object(members.map { ($0.key, $0.node.json) })
        }
    }

    var count: Int {
        if case .array(let nodes) = content { nodes.count } else { 0 }
    }

    func becomeArray() {
        if case .array = content { return }
        content = .array([])
    }

    func set(_ value: OrderedJSON) {
        content = .scalar(value)
    }

    func append() -> Node {
        let node = Node()
        guard case .array(let nodes) = content else { return node }
        content = .array(nodes + [node])
        return node
    }

    func member(_ key: String) -> Node {
        let node = Node()
        guard case .object(let members) = content else { return node }
        content = .object(members.filter { $0.key != key } + [(key, node)])
        return node
    }

    func encode(_ value: some Encodable, path: [any CodingKey]) throws {
        switch value {
        case let value as Bool: set(.bool(value))
        case let value as String: set(.string(value))
        case let value as any BinaryInteger: set(.number("\(value)"))
        case let value as Double: set(.number(value.isFinite ? "\(value)" : "0"))
        case let value as Float: set(.number(value.isFinite ? "\(value)" : "0"))
        case let value as [String: any Encodable]:
            for (key, value) in value.sorted(by: { $0.key < $1.key }) {
                try member(key).encode(value, path: path)
            }
        default: try value.encode(to: NodeEncoder(node: self, codingPath: path))
        }
    }
}

private struct NodeEncoder: Encoder {
    let node: Node
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(KeyedNode<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.becomeArray()
        return UnkeyedNode(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleNode(node: node, codingPath: codingPath)
    }
}

private struct KeyedNode<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) { node.member(key.stringValue).set(.null) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try node.member(key.stringValue).encode(value, path: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        superEncoder(forKey: key).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        superEncoder(forKey: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        NodeEncoder(node: node.member("super"), codingPath: codingPath)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        NodeEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
    }
}

private struct UnkeyedNode: UnkeyedEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]
    var count: Int { node.count }

    func encodeNil() { node.append().set(.null) }

    func encode<T: Encodable>(_ value: T) throws { try node.append().encode(value, path: codingPath) }

    func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
        superEncoder().container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { superEncoder().unkeyedContainer() }

    func superEncoder() -> any Encoder { NodeEncoder(node: node.append(), codingPath: codingPath) }
}

private struct SingleNode: SingleValueEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]

    func encodeNil() { node.set(.null) }

    func encode<T: Encodable>(_ value: T) throws { try node.encode(value, path: codingPath) }
}
