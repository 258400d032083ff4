extension RunFolder {
    static let reportName = "report.html"

    /// Makes `report.html` from the folder's other files; to be called when they are complete.
    func writeReport() throws {
        try write(try ReportSource.read(self).html, to: Self.reportName)
    }
}
