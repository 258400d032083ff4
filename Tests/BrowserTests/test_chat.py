"""Two people in two browsers on two instances, and one chat."""

import unittest

from browser import DESKTOP, PHONE
from case import BrowserCase, stop_cluster
from person import name


def connect_elsewhere(browser, taken):
    """The balancer deals in turn; other requests may have taken ours."""
    for _ in range(20):
        instance = browser.wait_connected()
        if instance != taken:
            return instance
        browser.driver.refresh()
        browser.one("#composer")
    return browser.wait_connected()


class Conversation(BrowserCase):
    def test_two_browsers_on_two_instances_share_a_room(self):
        ada, bruno = name("ada"), name("bruno")
        a = self.browser().open().register(ada)
        here = a.wait_connected()
        room = a.create_room("Planning", kind="invitation")
        a.one("#room-details").click()
        a.dialog_button("Create invitation link").click()
        link = a.one("dialog [aria-live] .copyable input").get_attribute("value")
        a.close_dialog()

        # The link waits until its reader has an account.
        b = self.browser(size=PHONE, language="es", dark=True)
        b.driver.get(link)
        self.assertIn("Te han invitado", b.one(".banner").text)
        b.register(bruno)
        b.one("#composer")
        there = connect_elsewhere(b, here)
        self.assertNotEqual(here, there)
        self.assertTrue(b.driver.current_url.endswith(f"/#/rooms/{room}"))
        a.until(lambda: "2 online" in a.one(".room-presence").text, "nobody came")

        for number in range(1, 6):
            a.say(f"from Ada {number}")
            b.wait_message(f"from Ada {number}")
            b.say(f"de Bruno {number}")
            a.wait_message(f"de Bruno {number}")
        markup = "<img src=x onerror=\"document.title='broken'\"><b>bold</b>"
        a.say(markup)
        b.wait_message(markup)
        for browser in (a, b):
            self.wait_in_order(browser, 1, 11)
            self.assertEqual(browser.run("return document.querySelectorAll('.message img, .message b').length"), 0)
            self.assertNotEqual(browser.driver.title, "broken")

        b.write("ya casi")
        a.until(lambda: a.one(".typing").text == f"{bruno} is typing…", "nobody types")
        a.until(lambda: a.run("return document.querySelector('.typing').textContent") == "", "still typing", 12)

        # Somebody who leaves is missed, and whoever reads elsewhere sees what waits.
        a.run("location.hash = '#/'")
        a.one(".welcome")
        b.one(".send").click()
        b.say("¿estás?")
        a.until(lambda: a.unread(room) == "2", f"unread: {a.unread(room)!r}")
        self.assertTrue(a.driver.title.startswith("(1) "))
        a.row(room).click()
        a.wait_message("¿estás?")
        self.assertEqual(a.one(".divider").text, "New messages")
        a.until(lambda: a.unread(room) == "", "still unread")
        b.driver.get("about:blank")
        a.until(lambda: f"{bruno} went offline" in a.one(".message-list").text, "no notice of leaving")


class Failover(BrowserCase):
    def test_an_instance_dies_and_nothing_is_missed(self):
        a = self.browser().open().register(name("ada"))
        here = a.wait_connected()
        room = a.create_room("Failover", kind="public")
        b = self.browser(size=PHONE).open(f"/#/rooms/{room}").register(name("bruno"))
        b.one(".gate button").click()
        b.one("#composer")
        there = connect_elsewhere(b, here)
        self.assertNotEqual(here, there)
        a.say("before")
        b.wait_message("before")

        # Nobody else shall meet the stack with a dead instance.
        self.addCleanup(stop_cluster)
        self.stack.kill(there)
        for number in range(10):
            a.say(f"meanwhile {number}")
        b.until(lambda: b.instance() != there, "the dead instance is not missed")
        b.say("written without a connection")
        self.assertEqual(b.wait_connected(patience=45), here)
        b.wait_message("meanwhile 9", patience=30)
        a.wait_message("written without a connection", patience=30)
        for browser in (a, b):
            self.wait_in_order(browser, 1, 12)
        self.assertEqual(a.messages(), b.messages())

class History(BrowserCase):
    def test_scrolling_up_reads_on_and_keeps_the_place(self):
        owner = self.person(name("owner"))
        room = owner.room("Archive")
        owner.say(room, [f"line {number}" for number in range(1, 181)])
        b = self.browser(size=DESKTOP).open(f"/#/rooms/{room}").register(name("reader"))
        b.one(".gate button").click()
        b.wait_message("line 180")
        first = b.messages()[0][0]
        self.assertGreater(first, 1)
        self.assertLessEqual(b.run("const s = document.querySelector('.scroller');"
                                   "return s.scrollHeight - s.scrollTop - s.clientHeight"), 2)

        # The message at the top of the view stays where it is while others come above it.
        shift = b.driver.execute_async_script("""
            const done = arguments[0], scroller = document.querySelector('.scroller');
            scroller.scrollTop = 300;
            requestAnimationFrame(() => {
              const top = scroller.getBoundingClientRect().top;
              const seen = [...scroller.querySelectorAll('.message')].find(m => m.getBoundingClientRect().bottom > top);
              const before = seen.getBoundingClientRect().top, count = scroller.querySelectorAll('.message').length;
              const wait = setInterval(() => {
                if (scroller.querySelectorAll('.message').length === count) return;
                clearInterval(wait);
                requestAnimationFrame(() => done(seen.getBoundingClientRect().top - before));
              }, 20);
            });""")
        self.assertLess(abs(shift), 3)

        def at_the_start():
            b.run("document.querySelector('.scroller').scrollTop = 0")
            return b.messages()[0][0] == 1
        b.until(at_the_start, "the start is not reached")
        self.assert_in_order(b.messages(), 1, 180)
        self.assertEqual(b.messages()[0], (1, "line 1"))

        # What comes meanwhile does not pull the reader away; a button leads there.
        owner.say(room, ["news"])
        b.until(lambda: b.all(".jump") and "1 new message" in b.one(".jump").text, "no button to the latest")
        self.assertLess(b.run("return document.querySelector('.scroller').scrollTop"), 600)
        b.one(".jump").click()
        b.until(lambda: not b.all(".jump"), "not at the latest")
        b.wait_message("news")

    def test_the_page_stays_small_however_far_one_scrolls(self):
        owner = self.person(name("owner"))
        room = owner.room("Long")
        owner.say(room, [f"line {number}" for number in range(1, 901)])
        b = self.browser().open(f"/#/rooms/{room}").register(name("reader"))
        b.one(".gate button").click()
        b.wait_message("line 900")

        def at(seq, scroll):
            b.run(f"const s = document.querySelector('.scroller'); s.scrollTop = {scroll}")
            return any(shown == seq for shown, _ in b.messages())
        b.until(lambda: at(1, 0), "the start is not reached", 40)
        messages = b.messages()
        self.assertLessEqual(len(messages), 500)
        self.assert_in_order(messages, 1, len(messages))
        owner.say(room, ["line 901"])
        b.until(lambda: at(901, "s.scrollHeight"), "the end is not reached", 40)
        messages = b.messages()
        self.assertLessEqual(len(messages), 500)
        self.assert_in_order(messages, 902 - len(messages), 901)
        # Live again.
        owner.say(room, ["line 902"])
        b.wait_message("line 902")


if __name__ == "__main__":
    unittest.main()
