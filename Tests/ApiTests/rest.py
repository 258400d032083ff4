"""A few calls of the REST surface, for what a test needs to be there."""

import json
import secrets
import urllib.error
import urllib.request


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, method: str, path: str, status: int, body: str):
        super().__init__(f"{method} {path} answered {status}: {body}")
        self.status = status


def call(url: str, method: str, path: str, body: dict | None = None, token: str | None = None):
    """The JSON of a 2xx answer, or None if it has no body. Any other answer is thrown as Refused."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            text = response.read()
    except urllib.error.HTTPError as error:
        raise Refused(method, path, error.code, error.read().decode(errors="replace")) from error
    return json.loads(text) if text else None


class User:
    """An account, signed in."""

    PASSWORD = "correct horse battery"

    def __init__(self, url: str, name: str):
        self.url = url
        self.name = f"{name}-{secrets.token_hex(4)}"
        pair = call(url, "POST", "/auth/register", {"username": self.name, "password": self.PASSWORD})
        self.id = pair["user"]["id"]
        self.token = pair["access_token"]
        self.refresh_token = pair["refresh_token"]

    def new_session(self) -> dict:
        """Another login's tokens."""
        return call(self.url, "POST", "/auth/login", {"username": self.name, "password": self.PASSWORD})

    def get(self, path: str):
        return call(self.url, "GET", path, token=self.token)

    def post(self, path: str, body: dict | None = None):
        return call(self.url, "POST", path, body, self.token)

    def patch(self, path: str, body: dict):
        return call(self.url, "PATCH", path, body, self.token)

    def delete(self, path: str):
        return call(self.url, "DELETE", path, token=self.token)

    def make_room(self, name: str, **fields) -> int:
        return self.post("/rooms", {"name": name, **fields})["id"]
