extension HTMLReport {
    /// Scenario and setup as they were run stand in the folder, with the command line's options put in; so these two
    /// files, the seed and the commit are all it takes.
    var reproduce: Markup {
        let commit = summary.environment.commit
        let isDirty = commit.hasSuffix("+")
        let checkout =
            commit.isEmpty || commit == "unknown"
            ? "" : "git checkout \(isDirty ? String(commit.dropLast()) : commit)\n"
        let changes: Markup = isDirty ? "<p>The build had changes that are in no commit.</p>" : ""
        return """
            <p>In the run's folder, which holds these two files with the command line's options put in:</p>
            <pre><code>\(checkout)\(command)</code></pre>
            \(changes)\(Self.file("scenario.yaml", record.scenario))\(Self.file("setup.yaml", record.setup))
            """
    }

    /// Servers that ran already are not in the setup: where they are is for the reader to say.
    private var command: String {
        let servers = summary.setup == "target" ? "--target URL" : "--setup setup.yaml"
        return "LoadGen run scenario.yaml \(servers) --seed \(summary.seed)"
    }

    private static func file(_ name: String, _ text: String?) -> Markup {
        guard let text else { return "" }
        return "<details><summary>\(name)</summary><pre><code>\(text)</code></pre></details>\n"
    }
}
