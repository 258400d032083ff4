/// The page around a report: one file that fetches nothing. Its policy lets in its own style and script by their hash,
/// and nothing else: no image, no font, no connection, no other script.
struct HTMLPage: Sendable {
    var title: String
    /// Above the headline: what was run.
    var kicker: Markup
    var headline: Markup
    var sections: [Section]
    var footer: Markup = ""

    struct Section: Sendable {
        var id: String
        var title: String
        /// How to read it, in the margin.
        var note: Markup = ""
        var body: Markup

        /// Nil if there is nothing to show.
        init?(_ id: String, _ title: String, note: Markup = "", _ body: Markup) {
            guard body != "" else { return nil }
            (self.id, self.title, self.note, self.body) = (id, title, note, body)
        }

        fileprivate var html: Markup {
            let help: Markup = note == "" ? "" : "<p>\(note)</p>"
            return """
                <section id="\(id)" aria-labelledby="\(id)-h">
                <header><h2 id="\(id)-h">\(title)</h2>\(help)</header>
                <div class="body">
                \(body)
                </div>
                </section>

                """
        }
    }

    static let policy =
        "default-src 'none'; style-src \(InlineHash.source(HTMLStyle.text)); "
        + "script-src \(InlineHash.source(HTMLScript.text)); base-uri 'none'; form-action 'none'"

    func render() -> String {
        let links = sections.map { "<a href=\"#\($0.id)\">\($0.title)</a>" as Markup }
        let page: Markup = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>\(title)</title>
            <style>\(Markup(trusted: HTMLStyle.text))</style>
            </head>
            <body>
            <header class="top">
            <p class="kicker">\(kicker)</p>
            \(headline)
            <nav aria-label="Sections">\(links.joined())</nav>
            </header>
            <main>
            \(sections.map(\.html).joined())</main>
            <footer>\(footer)</footer>
            <script>\(Markup(trusted: HTMLScript.text))</script>
            </body>
            </html>

            """
        return page.text
    }
}
