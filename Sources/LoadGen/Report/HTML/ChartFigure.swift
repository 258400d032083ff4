/// A chart with all that belongs to it: title, a line of reading help, legend, the drawing for both sizes of page, and
/// its values as a table for who cannot see it or wants the numbers.
struct ChartFigure: Sendable {
    struct LegendEntry: Sendable {
        /// Of the mark in the chart: colour and dash, so that no line is known by colour alone.
        var style: String
        var label: String
        var isArea = false
    }

    /// Unique in the page; letters and hyphens.
    var id: String
    var title: String
    var note: Markup = ""
    /// What a reader would see, in a sentence.
    var description: String
    var legend: [LegendEntry] = []
    var table: DataTable?
    var isSmall = false
    /// One of them when the chart stands in a column that is narrow on every page.
    var sizes = PlotFrame.Size.allCases
    var height: @Sendable (PlotFrame.Size) -> Double
    var draw: @Sendable (PlotFrame.Size) -> Markup

    var html: Markup {
        let heading: Markup = isSmall ? "<h4>\(title)</h4>" : "<h3>\(title)</h3>"
        let help: Markup = note == "" ? "" : "<p>\(note)</p>"
        return """
            <figure class="chart\(isSmall ? " small" : "")" id="\(id)">
            <figcaption>\(heading)\(isSmall ? legendList : "")\(help)</figcaption>
            \(isSmall ? "" : legendList)\(sizes.map(plot).joined(separator: "\n"))
            \(table?.collapsed ?? "")
            </figure>

            """
    }

    private func plot(_ size: PlotFrame.Size) -> Markup {
        let name = "\(id)-\(size.rawValue)"
        return """
            <div class="plot\(sizes.count > 1 ? " " + size.rawValue : "")" tabindex="0" role="group" \
            aria-label="\(title): left and right arrow keys read its values">\
            <svg viewBox="0 0 \(size.width) \(height(size))" role="img" aria-labelledby="\(name)-t \(name)-d">\
            <title id="\(name)-t">\(title)</title><desc id="\(name)-d">\(description)</desc>\
            \(draw(size))</svg></div>
            """
    }

    private var legendList: Markup {
        guard !legend.isEmpty else { return "" }
        let entries = legend.map { entry -> Markup in
            let mark: Markup =
                entry.isArea
                ? "<rect class=\"\(entry.style) area\" width=\"24\" height=\"10\"/>"
                : "<path class=\"\(entry.style) line\" d=\"M0 5H24\"/>"
            return "<li><svg class=\"key\" viewBox=\"0 0 24 10\" aria-hidden=\"true\">\(mark)</svg>\(entry.label)</li>"
        }
        return "<ul class=\"legend\">\(entries.joined())</ul>\n"
    }
}

/// A table of values; the first column names the row.
struct DataTable: Sendable {
    var columns: [String]
    var rows: [[String]]
    var caption = ""
    /// The columns that hold words: aligned to the left. The first one always is.
    var words: Set<Int> = []

    var html: Markup {
        let head = columns.enumerated().map { "<th scope=\"col\"\(style($0))>\($1)</th>" as Markup }.joined()
        let body = rows.map { row -> Markup in
            let cells = row.enumerated().dropFirst().map { column, text -> Markup in
                // Prose may wrap; a name or a number may not.
                let kind = style(column, isLong: text.count > 48)
                return "<td\(kind)>\(text)</td>"
            }.joined()
            return "<tr><th scope=\"row\">\(row.first ?? "")</th>\(cells)</tr>\n"
        }
        let title: Markup = caption.isEmpty ? "" : "<caption>\(caption)</caption>"
        return """
            <div class="scroll" tabindex="0" role="group" aria-label="\(caption.isEmpty ? "Table" : caption)">\
            <table>\(title)<thead><tr>\(head)</tr></thead><tbody>
            \(body.joined())</tbody></table></div>
            """
    }

    private func style(_ column: Int, isLong: Bool = false) -> Markup {
        words.contains(column) ? " class=\"words\(isLong ? " long" : "")\"" : ""
    }

    var collapsed: Markup {
        "<details class=\"values\"><summary>Values as a table</summary>\(html)</details>"
    }
}
