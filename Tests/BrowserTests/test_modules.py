"""The client's pure parts, as the browser has them: order and holes, and the pauses between attempts to connect."""

from case import BrowserCase

PRELUDE = """
    const [body, done] = [arguments[0], arguments[arguments.length - 1]];
    const check = (is, want, what) => {
      if (JSON.stringify(is) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(is)}`);
    };
    const m = (seq) => ({seq});
    const range = (from, to) => Array.from({length: to - from + 1}, (_, i) => m(from + i));
    const seqs = (messages) => messages.map(({seq}) => seq);
    (async () => {
      %s
    })().then(() => done('passed'), (error) => done(String(error)));
"""


class Modules(BrowserCase):
    def setUp(self):
        super().setUp()
        self.page = self.browser().open()

    def passes(self, script):
        self.assertEqual(self.page.driver.execute_async_script(PRELUDE % script), "passed")

    def test_timeline_delivers_in_order_and_once(self):
        self.passes("""
            const {Timeline} = await import('/assets/timeline.js');
            const line = new Timeline();
            check(seqs(line.receive(m(5))), [], 'before the first page it is held');
            line.reset(range(1, 3), false);
            check(line.hasHole, true, 'the fourth is missing');
            check(seqs(line.receive(m(7))), [], 'beyond the hole it is held');
            check(seqs(line.receive(m(3))), [], 'a duplicate');
            check(seqs(line.receive(m(4))), [4, 5], 'the hole is filled, and what waited follows');
            check(seqs(line.fill(range(5, 8))), [6, 7, 8], 'a page of history that overlaps');
            check(seqs(line.receive(m(7))), [], 'what was held does not come twice');
            check(seqs(line.messages), [1, 2, 3, 4, 5, 6, 7, 8], 'the window');
            check([line.hasHole, line.held.size], [false, 0], 'nothing waits');""")

    def test_timeline_keeps_a_window(self):
        self.passes("""
            const {Timeline, windowSize} = await import('/assets/timeline.js');
            const line = new Timeline();
            line.reset(range(1001, 1050), true);
            for (const message of range(1051, 1001 + windowSize)) line.receive(message);
            check([line.messages.length, line.first, line.hasOlder], [windowSize, 1002, true], 'the oldest goes');
            line.prepend(range(952, 1001), true);
            check([line.messages.length, line.first, line.isLive], [windowSize, 952, false], 'the newest goes');
            const head = line.head;
            check(seqs(line.receive(m(head + 1))), [head + 1], 'it is new, though not shown');
            check([line.last, line.hasHole], [951 + windowSize, false], 'the window stays');
            line.extend(range(line.last + 1, head + 1));
            check([line.last, line.isLive, line.messages.length], [head + 1, true, windowSize], 'live again');
            line.receive(m(head + 2));
            check(line.last, head + 2, 'and goes on');
            line.prepend([], true);
            line.isLive = false;
            line.receive(m(head + 9));
            check(line.hasHole, true, 'more is missing');
            line.skip();
            check([line.hasHole, line.held.size, line.last], [false, 0, head + 2], 'it comes on the way down');
            line.extend(range(head + 3, head + 9));
            check([line.isLive, line.last], [true, head + 9], 'all of it');""")

    def test_timeline_keeps_its_start_for_an_older_page(self):
        self.passes("""
            const {Timeline, windowSize} = await import('/assets/timeline.js');
            const line = new Timeline();
            line.reset(range(1001, 1000 + windowSize), true);
            line.awaitsOlder = true;
            for (const message of range(1001 + windowSize, 1100 + windowSize)) line.receive(message);
            check([line.first, line.messages.length], [1001, windowSize + 100], 'nothing goes meanwhile');
            line.prepend(range(951, 1000), true);
            line.awaitsOlder = false;
            check(seqs(line.messages), seqs(range(951, 950 + windowSize)), 'the page joins');
            check(line.isLive, false, 'the newest goes');
            line.reset(range(2001, 2000 + windowSize), true);
            line.receive(m(2001 + windowSize));
            line.prepend(range(1951, 2000), true);
            check([line.first, line.hasOlder], [2002, true], 'a page that does not join is dropped');""")

    def test_timeline_holds_no_more_than_it_must(self):
        self.passes("""
            const {Timeline} = await import('/assets/timeline.js');
            const line = new Timeline();
            line.reset([m(1)], false);
            for (const message of range(3, 5000)) line.receive(message);
            check([line.held.size, line.target], [500, 5000], 'the rest comes by history');
            check(line.receive(m(2)).length, 501, 'what was held follows');
            check(line.hasHole, true, 'the rest is still missing');""")

    def test_pauses_grow_and_differ(self):
        self.passes("""
            const {delay} = await import('/assets/backoff.js');
            check(delay(0, 1001, 'draining', 0.99) < 250, true, 'another instance takes it at once');
            check(delay(0, 1006, '', 0.99) <= 400, true, 'the first attempt comes soon');
            check([delay(3, 1006, '', 0), delay(3, 1006, '', 0.5)], [400, 2000], 'chance spreads them');
            check(delay(50, 1006, '', 0.999) <= 30000, true, 'there is a longest');
            check(delay(0, 1013, 'over_capacity', 0), 4000, 'a busy server is left alone');
            check(delay(0, 1013, 'slow_consumer', 0), 1000, 'a slow reader may come back sooner');""")

    def test_texts_fill_their_places(self):
        self.passes("""
            const {day, setLanguage, t} = await import('/assets/strings.js');
            setLanguage('es');
            check(t('unread', {count: 1}), '1 mensaje sin leer', 'one');
            check(t('unread', {count: 12}), '12 mensajes sin leer', 'several');
            check(t('typingOne', {user: '{count}'}), '{count} está escribiendo…', 'a name is no place');
            check(day(new Date(2026, 0, 1, 23), new Date(2026, 0, 2, 1)), 'Ayer', 'two hours and a day');
            setLanguage('en');
            check(document.documentElement.lang, 'en', 'the page says its language');""")
