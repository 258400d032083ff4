import Testing

/// `#expect(actual == expected)` for a call that changes its value, which the macro cannot make.
func expect<Value: Equatable>(
    _ actual: Value, _ expected: Value, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual == expected, comment, sourceLocation: sourceLocation)
}
