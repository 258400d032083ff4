"""Finding, joining and keeping rooms."""

import unittest

from case import BrowserCase
from person import name


class Rooms(BrowserCase):
    def test_a_public_room_is_found_and_joined(self):
        owner = self.person(name("owner"))
        title = name("gardening")
        room = owner.room(title)
        owner.room(name("cooking"))
        b = self.browser().open().register(name("ada"))
        b.one("input[type=search]").send_keys("Gardening-" + title[-6:])
        b.until(lambda: len(b.all("li[data-room]")) == 1, "the search finds something else")
        b.row(room).click()
        b.one(".gate button").click()
        b.one("#composer")
        b.one("#members-button").click()
        b.until(lambda: owner.username in b.one(".members").text, "the owner is no member")
        self.assertIn("Offline · 1", b.one(".members").text)

    def test_a_room_with_a_code(self):
        owner = self.person(name("owner"))
        room = owner.room("Vault", is_private=True, access_code="open sesame")
        b = self.browser().open(f"/#/rooms/{room}").register(name("ada"))
        b.one(".gate input").send_keys("open barley")
        b.one(".gate button[type=submit]").click()
        b.until(lambda: "access code is wrong" in b.one(".gate").text, "no word of the wrong code")
        b.one(".gate input").clear()
        b.one(".gate input").send_keys("open sesame")
        b.one(".gate button[type=submit]").click()
        b.one("#composer")
        self.assertEqual(b.one(".room-title").text, "Vault")

    def test_a_removed_member_is_out_at_once(self):
        a = self.browser().open().register(name("ada"))
        room = a.create_room("Private talk", kind="code", code="12345")
        b = self.browser().open().register(name("bruno"))
        b.one("[aria-label='Join with a code']").click()
        b.one("dialog input[name=room]").send_keys(str(room))
        b.one("dialog input[name=code]").send_keys("12345")
        b.one("dialog button[type=submit]").click()
        b.one("#composer")
        a.one("#members-button").click()
        a.one(".member button").click()
        a.dialog_button("Remove").click()
        b.one(".welcome")
        self.assertIn("You were removed from “Private talk”.", b.one("#toasts").text)
        b.until(lambda: not b.all(f"li[data-room='{room}']"), "the room stays in the list")

    def test_a_message_that_is_too_long_is_not_sent(self):
        b = self.browser().open().register(name("ada"))
        b.create_room("Essays")
        # One scalar more than the limit, though twice as many units.
        fill = "arguments[0].value = '😀'.repeat(arguments[1]); arguments[0].dispatchEvent(new Event('input'))"
        field = b.one("#composer")
        b.run(fill, field, 4_001)
        self.assertEqual(b.one(".counter").text, "1 character too long")
        self.assertFalse(b.one(".send").is_enabled())
        b.run(fill, field, 4_000)
        self.assertEqual(b.one(".counter").text, "0")
        b.one(".send").click()
        b.wait_message("😀" * 4_000)

    def test_an_invitation_that_is_used_up(self):
        owner = self.person(name("owner"))
        room = owner.room("Club", is_private=True)
        code = owner.call("POST", f"/rooms/{room}/invitations", max_uses=1)["code"]
        self.person(name("first")).accept(code)
        b = self.browser().open(f"/#/invite/{code}").register(name("second"))
        b.until(lambda: "used up" in b.one("#toasts").text, "no word of it")
        b.one(".welcome")

    def test_links_are_links_and_nothing_else_is(self):
        b = self.browser().open().register(name("ada"))
        b.create_room("Links")
        b.say("See https://example.org/a_(b)?q=1#c. And javascript:alert(1), http://[, <a href='https://x.example'>x</a>")
        b.until(lambda: b.all(".message a"), "no link")
        links = b.run("return [...document.querySelectorAll('.message a')].map(a => [a.href, a.rel, a.target])")
        rel = "noopener noreferrer nofollow"
        self.assertEqual(links, [["https://example.org/a_(b)?q=1#c", rel, "_blank"], ["https://x.example/", rel, "_blank"]])


class OwnersTools(BrowserCase):
    def test_rename_and_delete_reach_the_others(self):
        a = self.browser().open().register(name("ada"))
        room = a.create_room("Before", kind="public")
        b = self.browser().open(f"/#/rooms/{room}").register(name("bruno"))
        b.one(".gate button").click()
        b.one("#composer")
        a.one("#room-details").click()
        field = a.one("dialog input[name=name]")
        field.clear()
        field.send_keys("After")
        a.dialog_button("Save").click()
        b.until(lambda: b.one(".room-title").text == "After", "the new name does not come")
        a.dialog_button("Delete room").click()
        a.until(lambda: len(a.all("dialog")) == 2, "it does not ask")
        a.all("dialog")[-1].find_element("css selector", ".danger").click()
        for browser in (a, b):
            browser.one(".welcome")
            browser.until(lambda: not browser.all(f"li[data-room='{room}']"), "the room stays in the list")

    def test_invitations_are_listed_and_revoked(self):
        a = self.browser().open().register(name("ada"))
        a.create_room("Guests", kind="invitation")
        a.one("#room-details").click()
        a.dialog_button("Create invitation link").click()
        link = a.one("dialog [aria-live] .copyable input").get_attribute("value")
        line = a.one(".invitation")
        self.assertIn("0 of 1 used", line.text)
        self.assertTrue(link.endswith(line.get_attribute("data-code")))
        a.dialog_button("Revoke").click()
        a.until(lambda: not a.all(".invitation"), "it is still listed")
        b = self.browser()
        b.driver.get(link)
        b.register(name("bruno"))
        b.until(lambda: "has been withdrawn" in b.one("#toasts").text, "a revoked invitation opens something")

    def test_what_is_unread_stays_so_over_a_reload(self):
        owner = self.person(name("owner"))
        room = owner.room("News")
        b = self.browser().open(f"/#/rooms/{room}").register(name("ada"))
        b.one(".gate button").click()
        b.one("#composer")
        owner.say(room, ["seen"])
        b.wait_message("seen")
        reader = b.run("return JSON.parse(localStorage.getItem('chatbench.session'))")

        def read():
            return self.browsers[0].driver.execute_async_script(
                "fetch(arguments[0], {headers: {authorization: `Bearer ${arguments[1]}`}})"
                ".then(a => a.json()).then(r => arguments[2](r.unread))", f"/rooms/{room}", reader["accessToken"]) == 0
        b.until(read, "the server does not hear of it")
        b.open("/#/")
        b.driver.refresh()
        b.one(".welcome")
        owner.say(room, ["one", "two", "three"])
        b.until(lambda: b.unread(room) == "3", "not counted")
        b.driver.refresh()
        b.until(lambda: b.unread(room) == "3", "not counted after a reload")


if __name__ == "__main__":
    unittest.main()
