"""The connection goes and comes back: nothing is missed, nothing stands there twice, nothing written is lost."""

from cable import Cable
from case import BrowserCase
from person import Person, name


class Recovery(BrowserCase):
    def setUp(self):
        super().setUp()
        self.cable = Cable(self.stack.parts()["haproxy"]["port"])
        self.addCleanup(self.cable.close)
        self.owner = self.person(name("owner"))
        self.room = self.owner.room("Weather")
        self.b = self.browser(self.cable.url).open(f"/#/rooms/{self.room}").register(name("reader"))
        self.b.one(".gate button").click()
        self.b.one("#composer")
        self.b.wait_connected()
        self.owner.say(self.room, ["before"])
        self.b.wait_message("before")

    def pull(self):
        self.cable.pull()
        self.b.until(lambda: self.b.instance() is None, "the loss is not noticed")
        self.assertIn("Connection lost", self.b.one(".state").text)

    def put_back(self):
        self.cable.put_back()
        # In one step: the page may have come back by itself, and then the button goes while it is reached for.
        self.b.driver.execute_script("document.querySelector('.state .link:not([hidden])')?.click()")
        self.b.wait_connected(patience=45)

    def test_a_short_absence_is_replayed(self):
        self.pull()
        self.owner.say(self.room, [f"missed {number}" for number in range(150)])
        self.put_back()
        self.b.wait_message("missed 149")
        self.assert_in_order(self.b.messages(), 1, 151)

    def test_a_long_absence_is_read_from_history(self):
        # More than the server replays, and more than a window holds.
        self.pull()
        self.owner.say(self.room, [f"missed {number}" for number in range(1_100)])
        self.put_back()
        self.b.wait_message("missed 1099", patience=30)
        messages = self.b.messages()
        self.assert_in_order(messages, messages[0][0], 1_101)
        self.owner.say(self.room, ["after"])
        self.b.wait_message("after")

        def far_up():
            self.b.run("document.querySelector('.scroller').scrollTop = 0")
            return self.b.messages()[0][0] < 900
        self.b.until(far_up, "scrolling up does not read on", 30)
        messages = self.b.messages()
        self.assert_in_order(messages, messages[0][0], messages[-1][0])

    def test_a_room_that_was_left_elsewhere_stays_left(self):
        self.pull()
        who = self.b.run("return JSON.parse(localStorage.getItem('chatbench.session')).user.username")
        reader = Person(self.stack.url, who, register=False)
        reader.call("POST", f"/rooms/{self.room}/leave")
        self.put_back()
        self.b.one(".welcome")
        self.assertIsNone(reader.call("GET", f"/rooms/{self.room}")["role"])

    def test_what_is_written_meanwhile_is_sent_once_and_in_order(self):
        self.pull()
        written = [f"mine {number}" for number in range(5)]
        for text in written:
            self.b.say(text)
        shown = [("before", 1), *((text, None) for text in written)]
        self.b.until(lambda: [(text, seq) for seq, text in self.b.messages()] == shown, "they are not shown as unsent")
        self.put_back()
        self.b.wait_message("mine 4")
        self.wait_in_order(self.b, 1, 6)
        self.assertEqual([message["content"] for message in self.owner.history(self.room)], ["before", *written])

    def test_what_is_written_survives_a_reload(self):
        self.pull()
        self.b.say("kept over a reload")
        self.b.until(lambda: (None, "kept over a reload") in self.b.messages(), "it is not shown")
        self.cable.put_back()
        self.b.driver.refresh()
        try:
            # The page asks whether to go, if the message has not gone out meanwhile.
            self.b.driver.switch_to.alert.accept()
        except Exception as error:
            self.assertIn("alert", str(error).lower())
        self.b.wait_message("kept over a reload", patience=30)
        self.assertEqual([message["content"] for message in self.owner.history(self.room)], ["before", "kept over a reload"])
        self.assert_in_order(self.b.messages(), 1, 2)
