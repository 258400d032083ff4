"""How it looks and how it is reached: both languages, light and dark, phone and desktop, keyboard and contrast."""

from case import BrowserCase
from browser import DESKTOP, PHONE
from person import name

# Every control has a name, every picture a text, every id stands once.
NAMES = """
    const nameOf = (e) => (e.getAttribute('aria-label') || e.textContent || [...(e.labels ?? [])].map(l => l.textContent).join()
      || e.getAttribute('title') || '').trim();
    const nameless = [...document.querySelectorAll('button, a, input, select, textarea')]
      .filter((e) => e.checkVisibility() && !nameOf(e));
    const pictures = [...document.querySelectorAll('img:not([alt])')];
    const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
    const references = [...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].flatMap((e) =>
      ['aria-labelledby', 'aria-describedby'].map((a) => e.getAttribute(a)).filter((id) => id && !document.getElementById(id)));
    return [...nameless, ...pictures].map((e) => e.outerHTML.slice(0, 100)).concat(twice, references);"""

# Text and what it stands on: 4.5 to 1 (WCAG 2.2, 1.4.3). A canvas turns any colour into red, green and blue.
CONTRAST = """
    const context = Object.assign(document.createElement('canvas'), {width: 1, height: 1})
      .getContext('2d', {willReadFrequently: true});
    const rgba = (colour) => {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data];
    };
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] / 255 + below[i] * (1 - top[3] / 255)).concat(255);
    const background = (e) => {
      if (!e) return [255, 255, 255, 255];
      const colour = rgba(getComputedStyle(e).backgroundColor);
      return colour[3] === 255 ? colour : over(colour, background(e.parentElement));
    };
    const light = (colour) => {
      const [r, g, b] = colour.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const poor = [];
    for (const e of document.querySelectorAll('#app *, dialog *')) {
      const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
      if (!own || !e.checkVisibility({visibilityProperty: true}) || e.closest('.unseen, :disabled')) continue;
      const below = background(e);
      const [a, b] = [light(over(rgba(getComputedStyle(e).color), below)), light(below)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${e.className} ${e.textContent.slice(0, 30)}`);
    }
    return poor;"""


class Look(BrowserCase):
    def assert_accessible(self, browser, what):
        self.assertEqual(browser.run(NAMES), [], what)
        self.assertEqual(browser.run(CONTRAST), [], what)
        self.assertEqual(browser.run("return document.documentElement.scrollWidth - innerWidth"), 0, f"{what}: too wide")

    def test_every_view_in_each_size_language_and_scheme(self):
        ines = self.person("ines")
        mark = self.person("mark")
        room = ines.room("Release 2.4")
        ines.say(room, ["Morning! The release candidate is up: https://example.org/rc/2.4", "Changelog is in the usual place."])
        mark.call("POST", f"/rooms/{room}/join")
        mark.say(room, ["Thanks, running the long suite against it now.", "First half is green."])
        ines.say(room, ["Great. I’ll write the announcement while you do."])
        ines.room("Lunch")
        closed = ines.room("Incident review", is_private=True)

        looks = [(DESKTOP, "en", False, "lea"), (PHONE, "es", True, "noa"), (DESKTOP, "es", True, "iker"),
                 (PHONE, "en", False, "vera")]
        for size, language, dark, username in looks:
            label = f"{'phone' if size == PHONE else 'desktop'}-{language}-{'dark' if dark else 'light'}"
            with self.subTest(label), mark.present(room):
                b = self.browser(size=size, language=language, dark=dark).open(f"/#/rooms/{room}")
                b.one(".card")
                self.assertEqual(b.run("return document.documentElement.lang"), language)
                self.assert_accessible(b, "signing in")
                b.screenshot(f"{label}-sign-in")
                b.register(username)
                b.one(".gate button").click()
                b.wait_message("First half is green.")
                b.wait_connected()
                ines_code = ines.invite(closed)
                b.open(f"/#/invite/{ines_code}")
                b.one("#composer")
                b.open(f"/#/rooms/{room}")
                b.wait_message("First half is green.")
                b.say("Anything I can take off your plates?" if language == "en" else "¿Os puedo quitar algo de encima?")
                b.until(lambda: len(b.messages()) >= 6 and all(seq for seq, _ in b.messages()), "not sent")
                b.until(lambda: b.one(".room-presence").text != "", "nobody is counted")
                if size == DESKTOP:
                    b.one("#members-button").click()
                    b.until(lambda: len(b.all(".member")) >= 3, "no members")
                self.assert_accessible(b, "a room")
                b.screenshot(f"{label}-room")
                if size == DESKTOP:
                    b.one("#members-button").click()
                else:
                    b.one(".back").click()
                    b.one(".side")
                    self.assert_accessible(b, "the rooms")
                    b.screenshot(f"{label}-rooms")
                b.one("#new-room").click()
                b.one("dialog")
                self.assert_accessible(b, "a new room")
                b.screenshot(f"{label}-new-room")
                b.one("dialog input[name=name]").send_keys("Retro")
                b.one("dialog button[type=submit]").click()
                b.one("#room-details").click()
                b.one("dialog")
                self.assert_accessible(b, "the room's settings")
                b.screenshot(f"{label}-settings")

    def test_a_narrow_phone_has_room_for_everything(self):
        b = self.browser(size=(320, 568)).open()
        b.register(name("ada"))
        self.assert_accessible(b, "the rooms")
        b.create_room("A room with a rather long name that does not fit")
        b.say("averylongwordwithoutanyspace" * 12)
        self.wait_in_order(b, 1, 1)
        self.assert_accessible(b, "a room")
        b.one("#room-details").click()
        b.one("dialog")
        self.assert_accessible(b, "the room's settings")

    def test_language_and_appearance_can_be_chosen_and_stay(self):
        b = self.browser(language="en", dark=False).open().register(name("ada"))
        self.assertEqual(b.one(".list-head").text, "Your rooms")
        b.one("#settings").click()
        selects = b.all("dialog select")
        selects[1].find_element("css selector", "option[value=dark]").click()
        selects[0].find_element("css selector", "option[value=es]").click()
        b.until(lambda: b.one(".list-head").text == "Tus salas", "not in Spanish")
        b.driver.refresh()
        b.until(lambda: b.one(".list-head").text == "Tus salas", "forgotten")
        self.assertEqual(b.run("return getComputedStyle(document.documentElement).colorScheme"), "dark")
        self.assertEqual(b.run("return document.documentElement.lang"), "es")

    def test_the_keyboard_is_enough(self):
        b = self.browser().open()
        press = lambda *keys: b.driver.switch_to.active_element.send_keys(*keys)
        tab, enter, escape = "\ue004", "\ue007", "\ue00c"
        b.one(".switch .link").send_keys(enter)
        b.until(lambda: b.driver.switch_to.active_element.get_attribute("name") == "username", "the focus is elsewhere")
        press(name("ada"), tab)
        press("correct horse battery", enter)
        b.one(".shell")
        b.one("#new-room").send_keys(enter)
        b.until(lambda: b.driver.switch_to.active_element.get_attribute("name") == "name", "the focus is not in the dialog")
        press(escape)
        b.until(lambda: not b.all("dialog"), "Escape does not close it")
        self.assertEqual(b.driver.switch_to.active_element.get_attribute("id"), "new-room")
        press(enter)
        b.one("dialog")
        press("Keys", enter)
        b.until(lambda: b.driver.switch_to.active_element.get_attribute("id") == "composer", "the focus is not in the field")
        press("first line\ue008", enter)
        press("\ue000second line", enter)
        b.wait_message("first line\nsecond line")
        # New messages are read out; one's own are not.
        other = self.person(name("bruno"))
        room = int(b.driver.current_url.rsplit("/", 1)[1])
        other.call("POST", f"/rooms/{room}/join")
        other.say(room, ["hello there"])
        b.until(lambda: f"{other.username}: hello there" in b.run("return document.getElementById('announcer').textContent"),
                "it is not read out")
        self.assertEqual(b.run("return document.getElementById('announcer').getAttribute('aria-live')"), "polite")
        b.run("document.activeElement.blur()")
        b.one("body").send_keys("\ue009k")
        self.assertEqual(b.driver.switch_to.active_element.get_attribute("type"), "search")
