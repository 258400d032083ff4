"""Signing in and out, and tokens that several tabs share."""

import re
import urllib.request

from case import BrowserCase
from person import Person, name

AGE = """
    const record = JSON.parse(localStorage.getItem('chatbench.session'));
    record.expiresAt = Date.now() - 1000;
    localStorage.setItem('chatbench.session', JSON.stringify(record));"""


class Sessions(BrowserCase):
    def test_mistakes_are_said_and_one_can_go_on(self):
        b = self.browser().open()
        b.one("input[name=username]").send_keys(name("nobody"))
        b.one("input[name=password]").send_keys("a password that is wrong")
        b.one("form button[type=submit]").click()
        b.until(lambda: "Wrong username or password." in b.one(".problem").text, "no word of it")
        b.one(".switch .link").click()
        b.one("input[name=username]").send_keys("é!")
        b.one("input[name=password]").send_keys("short")
        b.one("form button[type=submit]").click()
        b.until(lambda: "Username:" in b.one(".problem").text and "Password:" in b.one(".problem").text, "no word of it")

    def test_sign_out_and_in_again(self):
        who = name("ada")
        b = self.browser().open().register(who)
        b.wait_connected()
        b.one("#settings").click()
        b.one("#sign-out").click()
        b.one(".auth")
        self.assertIsNone(b.run("return localStorage.getItem('chatbench.session')"))
        b.sign_in(who)
        b.wait_connected()

    def test_a_draft_ends_with_the_session(self):
        b = self.browser().open().register(name("ada"))
        room = b.create_room("Diary")
        b.write("for nobody else")
        b.one("#settings").click()
        b.one("#sign-out").click()
        b.one(".auth")
        b.register(name("bruno"))
        b.run("location.hash = arguments[0]", f"#/rooms/{room}")
        b.one(".gate button").click()
        self.assertEqual(b.one("#composer").get_attribute("value"), "")

    def test_two_tabs_refresh_once_and_both_go_on(self):
        b = self.browser().open().register(name("ada"))
        b.wait_connected()
        first = b.driver.current_window_handle
        b.driver.switch_to.new_window("tab")
        b.open()
        b.wait_connected()
        second = b.driver.current_window_handle
        before = self.refreshes()
        b.run(AGE)
        # Both find the token too old in the same moment.
        b.run("setTimeout(() => location.reload(), 100)")
        b.driver.switch_to.window(first)
        b.driver.refresh()
        for tab in (first, second):
            b.driver.switch_to.window(tab)
            b.wait_connected()
        self.assertEqual(self.refreshes() - before, 1)
        # The pair still works: no token was spent twice.
        b.run(AGE)
        b.driver.refresh()
        b.wait_connected()
        self.assertEqual(self.refreshes() - before, 2)

        # Signed out in one is signed out in the other.
        b.one("#settings").click()
        b.one("#sign-out").click()
        b.driver.switch_to.window(first)
        b.one(".auth")

    def test_a_renewed_token_goes_over_the_open_socket(self):
        b = self.browser().open().register(name("ada"))
        b.wait_connected()
        sent = b.driver.execute_async_script("""
            const done = arguments[0], send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (data) {
              const event = JSON.parse(data);
              if (event.event === 'authenticate') {
                const token = event.token;
                this.addEventListener('message', (answer) => {
                  if (JSON.parse(answer.data).event === 'ready') done(token);
                });
              }
              send.call(this, data);
            };
            // As another tab would, with a token of its own refresh.
            const record = JSON.parse(localStorage.getItem('chatbench.session'));
            fetch('/auth/refresh', {
              method: 'POST', headers: {'content-type': 'application/json'},
              body: JSON.stringify({refresh_token: record.refreshToken}),
            }).then((answer) => answer.json()).then((pair) => {
              const next = {...record, accessToken: pair.access_token, refreshToken: pair.refresh_token,
                            expiresAt: Date.now() + 900_000};
              localStorage.setItem('chatbench.session', JSON.stringify(next));
              dispatchEvent(new StorageEvent('storage', {key: 'chatbench.session'}));
            });""")
        self.assertEqual(sent, b.run("return JSON.parse(localStorage.getItem('chatbench.session')).accessToken"))
        self.assertIsNotNone(b.instance())

    def test_a_session_that_is_ended_elsewhere_ends_here(self):
        b = self.browser().open().register(name("ada"))
        b.wait_connected()
        token = b.run("return JSON.parse(localStorage.getItem('chatbench.session')).refreshToken")
        Person(self.stack.url, name("other")).call("POST", "/auth/logout", refresh_token=token)
        b.one(".auth")
        self.assertIn("Your session has ended", b.one("#toasts").text)

    def refreshes(self):
        """How often a token was traded, over both instances."""
        total = 0
        for instance in ("a", "b"):
            url = f"http://127.0.0.1:{self.stack.parts()[instance]['port']}/metrics"
            with urllib.request.urlopen(url, timeout=10) as answer:
                text = answer.read().decode()
            for labels, count in re.findall(r"^chat_http_requests_total\{(.*)\} (\d+)", text, re.M):
                if 'route="/auth/refresh"' in labels:
                    total += int(count)
        return total
