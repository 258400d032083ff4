"""What the tests share: one cluster for all of them, browsers that are closed again, and a look at their logs."""

import unittest

from browser import Browser
from person import Person
from stack import Stack

_stack = None


def cluster():
    """Starts at the first call, and stops with the run."""
    global _stack
    if _stack is None:
        stack = Stack()
        stack.start()
        unittest.addModuleCleanup(stop_cluster)
        _stack = stack
    return _stack


def stop_cluster():
    global _stack
    if _stack is not None:
        _stack.stop()
        _stack = None


class BrowserCase(unittest.TestCase):
    def setUp(self):
        self.stack = cluster()
        self.browsers = []

    def tearDown(self):
        complaints = []
        for browser in self.browsers:
            try:
                complaints += browser.complaints()
            finally:
                browser.quit()
        self.assertEqual(complaints, [])

    def browser(self, url=None, **options):
        browser = Browser(url or self.stack.url, **options)
        self.browsers.append(browser)
        return browser

    def person(self, username):
        return Person(self.stack.url, username)

    def assert_in_order(self, messages, first, last):
        """Each seq from first to last stands there once, in order."""
        self.assertEqual([seq for seq, _ in messages], list(range(first, last + 1)))

    def wait_in_order(self, browser, first, last):
        """The same, once nothing waits for its acknowledgement."""
        browser.until(lambda: (m := browser.messages()) and m[-1][0] and m[-1][0] >= last, f"{last} does not come")
        browser.until(lambda: all(seq for seq, _ in browser.messages()), "something is not acknowledged")
        self.assert_in_order(browser.messages(), first, last)
