enum OpenAPI {
    static let document = #"{"openapi":"3.1.0"}"#
}
