/// The look of all reports: ink on paper, one accent, hairlines; notes in the margin, as in a well-set data sheet.
enum HTMLStyle {
    static let text = [colors, page, tables, charts, narrow, print].joined(separator: "\n")

    /// Every text colour has at least 4.5:1 on its ground, every data colour 3:1, in both schemes. The data colours are
    /// apart for the colour-blind as well, and never stand alone: dashes, labels and places say the same.
    private static let colors = """
        :root { color-scheme: light dark;
          --paper: #fcfcfb; --wash: #f1f3f4; --ink: #16202a; --soft: #55616d; --rule: #d5dade; --accent: #0b5c7a;
          --good: #12692f; --bad: #b3261e; --warn: #8a5a00; --tint: #0b5c7a12; --tip: #16202a; --tiptext: #fff;
          --s0: #0b6e8f; --s1: #c2570c; --s2: #6b4fa0; --s3: #3b7a1e; --s4: #b0306a; --s5: #6b7280; }
        @media (prefers-color-scheme: dark) { :root {
          --paper: #12171c; --wash: #1b2229; --ink: #e8ecef; --soft: #a3afba; --rule: #343e48; --accent: #6cc3e0;
          --good: #6fcf8b; --bad: #ff8a80; --warn: #f0b956; --tint: #6cc3e014; --tip: #e8ecef; --tiptext: #12171c;
          --s0: #52b7d8; --s1: #f0935a; --s2: #b49be6; --s3: #93cb6d; --s4: #f088b4; --s5: #a3afba; } }
        """

    private static let page = """
        * { box-sizing: border-box; }
        html { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial,
          sans-serif;
          background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
        body { margin: 0 auto; max-width: 76rem; padding: 2.5rem 2rem 4rem; font-variant-numeric: tabular-nums; }
        h1, .lede { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", Georgia,
          "Liberation Serif", serif; }
        h1 { font-size: 2.15rem; line-height: 1.22; font-weight: 500; letter-spacing: -.01em;
          margin: .4rem 0 .6rem; max-width: 24em;
          text-wrap: balance; }
        .lede { font-size: 1.17rem; line-height: 1.5; color: var(--soft); margin: 0 0 1.2rem; max-width: 42em; }
        .nb { white-space: nowrap; }
        .kicker { margin: 0; color: var(--soft); }
        .kicker b { color: var(--ink); font-weight: 600; }
        .stamp { display: inline-block; font: 700 .82rem/1 system-ui, sans-serif; letter-spacing: .09em;
          padding: .42em .7em .4em;
          border: 2px solid; border-radius: 4px; vertical-align: .3em; margin-right: .5em; }
        .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
        .quiet { color: var(--soft); }
        nav { display: flex; flex-wrap: wrap; gap: .2rem 1.3rem; padding: .7rem 0;
          border-top: 1px solid var(--rule); }
        a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
        nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
        section { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 0 2.5rem;
          border-top: 1px solid var(--rule);
          padding: 1.6rem 0 2rem; }
        .body > :first-child { margin-top: 0; }
        section > header h2 { font-size: 1.05rem; margin: 0 0 .4rem; font-weight: 650; }
        section > header p { margin: 0; color: var(--soft); font-size: .87rem; line-height: 1.45; }
        h3 { font-size: 1rem; margin: 0; font-weight: 600; } h4 { font-size: .9rem; margin: 0; font-weight: 600; }
        ul.plain { list-style: none; margin: 0; padding: 0; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.4rem, 1fr)); gap: 1rem;
          margin: 1.6rem 0 0; }
        .figures div { border-left: 2px solid var(--accent); padding-left: .8rem; }
        .figures dt { color: var(--soft); font-size: .83rem; line-height: 1.3; }
        .figures dd { margin: 0; font-size: 1.3rem; line-height: 1.35; font-weight: 500; white-space: nowrap; }
        .figures dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--soft); }
        dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1.5rem; margin: 0; }
        dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
        pre { background: var(--wash); border-radius: 4px; padding: .8rem 1rem; margin: .4rem 0 1rem; font-size: .87rem;
          line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
        code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, "Liberation Mono", monospace; }
        summary { cursor: pointer; color: var(--accent); font-size: .87rem; }
        .notice { border-left: 3px solid var(--warn); padding: .1rem 0 .1rem .9rem; margin: 0 0 1rem;
          max-width: 50em; }
        .notice.bad { border-color: var(--bad); color: inherit; }
        footer { border-top: 1px solid var(--rule); padding-top: 1rem; color: var(--soft); font-size: .87rem; }
        """

    private static let tables = """
        /* An edge in shadow says that there is more that way: the shadow stays, and the paper over it scrolls along. */
        .scroll { overflow-x: auto; margin-bottom: 1rem;
          background: linear-gradient(to right, var(--paper) 40%, transparent) left / 2.4rem 100% no-repeat local,
            linear-gradient(to left, var(--paper) 40%, transparent) right / 2.4rem 100% no-repeat local,
            linear-gradient(to right, var(--rule), transparent) left / .8rem 100% no-repeat scroll,
            linear-gradient(to left, var(--rule), transparent) right / .8rem 100% no-repeat scroll; }
        details .scroll { max-height: 24rem; overflow: auto; margin-top: .5rem; }
        table { border-collapse: collapse; min-width: 100%; font-size: .9rem; }
        caption { text-align: left; color: var(--soft); font-size: .83rem; padding-bottom: .3rem; }
        th, td { padding: .34rem .75rem .34rem 0; text-align: right; white-space: nowrap;
          border-bottom: 1px solid var(--rule); }
        th:first-child, td:first-child, th.words, td.words { text-align: left; } td.long { white-space: normal; min-width: 15rem; }
        thead th { color: var(--soft); font-weight: 500; font-size: .83rem; vertical-align: bottom; }
        tbody th { font-weight: 500; } tr.sub th { font-weight: 400; padding-left: 1.1rem; color: var(--soft); }
        th:last-child, td:last-child { padding-right: .1rem; }
        tr.group th { padding-top: .9rem; color: var(--soft); font-weight: 500; }
        .mark { display: inline-block; width: 1.3em; font-weight: 700; }
        td.wrap { white-space: normal; min-width: 14rem; text-align: left; }
        """

    private static let charts = """
        figure { margin: 0 0 1.9rem; } figure:last-child { margin-bottom: 0; }
        figcaption p { margin: .15rem 0 0; color: var(--soft); font-size: .87rem; max-width: 52em; }
        .small figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem 1.4rem; }
        .small figcaption p { flex-basis: 100%; }
        .small .legend { margin: 0; } figure.small { margin-bottom: 1.3rem; }
        .plot { margin: .5rem 0 .2rem; } .plot.narrow { display: none; }
        .plot svg { display: block; width: 100%; height: auto; overflow: visible; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1.2rem; margin: .4rem 0 0;
          padding: 0; font-size: .84rem; }
        .legend li { display: flex; align-items: center; gap: .45rem; } .key { width: 24px; height: 10px;
          flex: none; }
        svg text { font-size: 12px; fill: var(--ink);
          font-family: system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif;
          font-variant-numeric: tabular-nums; }
        svg text.tick, svg text.phase { fill: var(--soft); font-size: 11.5px; } svg text.end { text-anchor: end; }
        svg text.mid { text-anchor: middle; } svg text.name { font-weight: 500; }
        svg text.tick, svg text.name, svg text.value, svg text.faultname { paint-order: stroke; stroke: var(--paper);
          stroke-width: 3px; stroke-linejoin: round; }
        svg text.faultname { fill: var(--bad); font-weight: 600; }
        .grid { stroke: var(--rule); stroke-width: 1; } .axis { stroke: var(--soft); stroke-width: 1; }
        .edge { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 1 3; } .measured { fill: var(--tint); }
        .fault { fill: var(--bad); fill-opacity: .16; stroke: var(--bad); stroke-width: .6; stroke-dasharray: 3 2; }
        .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .dot { stroke: none; }
        .s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 { --c: var(--s3); }
        .s4 { --c: var(--s4); } .s5 { --c: var(--s5); }
        .line { stroke: var(--c, var(--s0)); } .dot { fill: var(--c, var(--s0)); }
        .s1.line { stroke-dasharray: 7 2; } .s2.line { stroke-dasharray: 2 2; }
        .s3.line { stroke-dasharray: 8 2 2 2; }
        .s4.line { stroke-dasharray: 4 4; } .s5.line { stroke-dasharray: 1 4; stroke-linecap: round; }
        .solid.line { stroke-dasharray: none; } .dashed.line { stroke-dasharray: 5 4; }
        .s1.solid.line { stroke-width: 2.6; }
        .rim.line { stroke: var(--s0); stroke-opacity: .55; stroke-width: .9; } .rim.dot { fill: var(--s0);
          fill-opacity: .55; }
        .area { stroke: none; fill: var(--s0); } .b0.area { fill-opacity: .38; } .b1.area { fill-opacity: .25; }
        .b2.area { fill-opacity: .16; } .b3.area { fill-opacity: .09; }
        .bar, .mass { fill: var(--s0); } .mass { fill-opacity: .42; } .cell { fill: none; stroke: var(--rule); }
        .cell.own { stroke: var(--ink); }
        .hit { fill: transparent; } .hit.on, .hit:hover { fill: var(--ink); fill-opacity: .08; }
        .tip { position: fixed; z-index: 9; background: var(--tip); color: var(--tiptext); padding: .45rem .65rem;
          border-radius: 4px;
          font-size: .84rem; line-height: 1.42; white-space: pre-line; pointer-events: none; max-width: 22rem; }
        .span { stroke: var(--c, var(--ink)); stroke-width: 2; } .zero { stroke: var(--ink); stroke-width: 1; }
        .limit { stroke: var(--bad); stroke-width: 1.4; stroke-dasharray: 6 3; }
        .point { fill: var(--paper); stroke: var(--c, var(--ink)); stroke-width: 2; }
        .point.full { fill: var(--c, var(--ink)); }
        .isgood { --c: var(--good); } .isbad { --c: var(--bad); } .isnone { --c: var(--soft); }
        .isneutral { --c: var(--s0); } .isvoid { --c: var(--warn); }
        .median { stroke: var(--ink); stroke-width: 2; } .found { fill: var(--accent); fill-opacity: .14; }
        .multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1.2rem 2rem; }
        .multiples figure { margin: 0; } .multiples .values { display: none; }
        .blocks { display: flex; flex-wrap: wrap; gap: .35rem; list-style: none; padding: 0; margin: 0 0 1rem; }
        .blocks li { border: 1px solid var(--rule); border-radius: 4px; padding: .25rem .6rem; font-size: .84rem;
          line-height: 1.35; }
        .blocks small { display: block; color: var(--soft); } .blocks .void { border-style: dashed;
          border-color: var(--warn); }
        """

    private static let narrow = """
        @media (max-width: 60rem) { section { display: block; } section > header { margin-bottom: 1rem; } }
        @media (max-width: 40rem) { body { padding: 1.2rem 1rem 3rem; } h1 { font-size: 1.55rem; }
          .lede { font-size: 1.05rem; }
          .plot.wide { display: none; } .plot.narrow { display: block; } dl.facts { display: block; }
          dl.facts dd { margin-bottom: .5rem; }
          .figures { grid-template-columns: 1fr 1fr; } .figures dd { font-size: 1.3rem; } nav { gap: .2rem 1rem; }
          .multiples { grid-template-columns: 1fr; } td.wrap { min-width: 11rem; } }
        """

    /// Ink on white whatever the reader's screen is; no chart cut in two.
    private static let print = """
        @media print { @page { margin: 14mm; }
          :root { color-scheme: light; --paper: #fff; --wash: #f1f3f4; --ink: #000; --soft: #444; --rule: #bbb;
          --accent: #0b5c7a; --good: #12692f;
            --bad: #b3261e; --warn: #8a5a00; --tint: #0b5c7a12; --s0: #0b6e8f; --s1: #c2570c; --s2: #6b4fa0;
            --s3: #3b7a1e; --s4: #b0306a; --s5: #6b7280; }
          html { font-size: 10.5pt; } body { padding: 0; max-width: none; } nav, .tip, .values { display: none; }
          section { display: block; padding: 1rem 0; } section > header { margin-bottom: .7rem; break-after: avoid;
          break-inside: avoid; }
          .figures { grid-template-columns: repeat(3, 1fr); }
          figure, tr, .figures { break-inside: avoid; } .plot.wide { display: block; } .plot.narrow { display: none; }
          .scroll, details .scroll { overflow: visible; max-height: none; }
          .measured, .area, .bar, .mass, .fault { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
        """
}
