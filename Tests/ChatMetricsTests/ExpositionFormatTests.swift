import Testing

@testable import ChatMetrics

@Suite struct ExpositionFormatTests {
    static let prometheus2 =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    static let prometheus3 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
        + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

    @Test(
        arguments: [
            (nil, .prometheus),
            ("", .prometheus),
            ("*/*", .prometheus),
            ("text/html, */*;q=0.8", .prometheus),
            ("text/plain", .prometheus),
            ("application/openmetrics-text", .openMetrics),
            ("Application/OpenMetrics-Text; Version=1.0.0; charset=utf-8", .openMetrics),
            ("application/openmetrics-text; version=\"1.0.0\"", .openMetrics),
            ("application/openmetrics-text; version=0.0.1", .prometheus),
            ("application/openmetrics-text; version=2.0.0, text/plain;q=0.1", .prometheus),
            ("application/openmetrics-text;q=0", .prometheus),
            ("application/openmetrics-text;q=0, */*;q=0", .prometheus),
            ("application/openmetrics-text;q=0.5, text/plain;q=0.5", .openMetrics),
            ("application/openmetrics-text;q=0.4, text/plain;q=0.5", .prometheus),
            ("text/plain;q=0.3,application/openmetrics-text;q=0.4", .openMetrics),
            ("application/openmetrics-text;q=0.5, text/*;q=0.9", .prometheus),
            ("application/openmetrics-text;q=0.5, */*", .prometheus),
            ("application/openmetrics-text;q=0.5, text/plain;q=0.2, */*", .openMetrics),
            ("application/openmetrics-text ; q=0.9 , text/plain ; q=0.1", .openMetrics),
            ("application/openmetrics-text;q=nonsense", .prometheus),
            ("application/openmetrics-text;note=\"a,b;q=0\"", .openMetrics),
            (",,;;=,", .prometheus),
            (prometheus2, .openMetrics),
            (prometheus3, .openMetrics),
        ] as [(String?, ExpositionFormat)])
    func negotiates(accept: String?, expected: ExpositionFormat) {
        #expect(ExpositionFormat.negotiate(accept: accept) == expected)
    }

    @Test func namesItsContentType() {
        #expect(ExpositionFormat.prometheus.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            ExpositionFormat.openMetrics.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        )
    }
}
