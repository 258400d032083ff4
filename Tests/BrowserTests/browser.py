"""A headless Chromium with the web client in it, and the words for what somebody does there."""

import os
import pathlib
import shutil
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By

from person import PASSWORD

SCREENSHOTS = pathlib.Path(__file__).resolve().parents[2] / ".build" / "screenshots"
PHONE = (390, 844)
DESKTOP = (1280, 800)
PATIENCE_S = 15


class Browser:
    def __init__(self, url, size=DESKTOP, language="en", dark=False):
        self.url = url
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", f"--lang={language}"):
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        self.driver.set_page_load_timeout(30)
        self.driver.set_script_timeout(30)
        is_phone = size[0] < 600
        self.devtools("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1],
                      deviceScaleFactor=2 if is_phone else 1, mobile=is_phone)
        self.devtools("Emulation.setTouchEmulationEnabled", enabled=is_phone)
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self._log = []

    def quit(self):
        self.driver.quit()

    def devtools(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    # --- Finding and waiting ------------------------------------------------------------------------------------------

    def all(self, selector):
        return [element for element in self.driver.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]

    def one(self, selector):
        """The first visible one, once there is one."""
        return self.until(lambda: next(iter(self.all(selector)), None), f"there is no {selector}")

    def until(self, condition, what, patience=PATIENCE_S):
        end = time.monotonic() + patience
        while True:
            try:
                value = condition()
            except StaleElementReferenceException:
                value = None
            if value:
                return value
            if time.monotonic() > end:
                SCREENSHOTS.mkdir(parents=True, exist_ok=True)
                self.driver.save_screenshot(str(SCREENSHOTS / "failed.png"))
                raise AssertionError(f"{what} after {patience} s (see .build/screenshots/failed.png)")
            time.sleep(0.05)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def screenshot(self, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        # The messages of the moment are not what a picture is about.
        self.run("document.getElementById('toasts').replaceChildren()")
        self.driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))

    def complaints(self):
        """What the page did that it should not: errors of scripts, and violations of the Content-Security-Policy."""
        self._log += self.driver.get_log("browser")
        # An answer with an error's status is logged by the network, and is not the page's fault.
        return [entry["message"] for entry in self._log if entry["level"] == "SEVERE" and entry["source"] != "network"]

    # --- What somebody does -------------------------------------------------------------------------------------------

    def open(self, path="/"):
        self.driver.get(self.url + path)
        return self

    def register(self, username):
        self.one(".switch .link").click()
        self._credentials(username)
        return self

    def sign_in(self, username):
        self._credentials(username)
        return self

    def _credentials(self, username):
        self.one("input[name=username]").send_keys(username)
        self.one("input[name=password]").send_keys(PASSWORD)
        self.one("form button[type=submit]").click()
        self.one(".shell")

    def wait_connected(self, patience=PATIENCE_S):
        """The name of the instance."""
        return self.until(lambda: self.instance(), "not connected", patience)

    def instance(self):
        return self.run(
            "const s = document.querySelector('.state'); return s?.dataset.state === 'open' ? s.dataset.instance : null"
        )

    def create_room(self, name, kind="public", code=None):
        """Returns the room's id."""
        self.one("#new-room").click()
        self.one("dialog input[name=name]").send_keys(name)
        self.one(f"dialog input[value={kind}]").click()
        if code:
            self.one("dialog input[name=code]").send_keys(code)
        self.one("dialog button[type=submit]").click()
        self.one("#composer")
        return int(self.driver.current_url.rsplit("/", 1)[1])

    def dialog_button(self, text):
        return self.until(lambda: next((b for b in self.all("dialog button") if b.text == text), None), f"no button {text}")

    def close_dialog(self):
        self.one("dialog .dialog-head button").click()
        self.until(lambda: not self.all("dialog"), "the dialog stays")

    def write(self, text):
        self.one("#composer").send_keys(text)

    def say(self, text):
        self.write(text)
        self.one(".send").click()

    def messages(self):
        """What the list shows: [(seq, text)]; seq is None for what is not acknowledged."""
        return [(seq, text) for seq, text in self.run(
            "return [...document.querySelectorAll('.message')].map(m =>"
            " [m.dataset.seq ? Number(m.dataset.seq) : null, m.querySelector('.content').textContent])"
        )]

    def wait_message(self, text, patience=PATIENCE_S):
        self.until(lambda: any(shown == text and seq for seq, shown in self.messages()), f"no message {text!r}", patience)

    def row(self, room_id):
        return self.one(f"li[data-room='{room_id}']")

    def unread(self, room_id):
        return self.run("return document.querySelector(arguments[0])?.firstChild.textContent ?? ''",
                        f"li[data-room='{room_id}'] .badge:not([hidden])")
