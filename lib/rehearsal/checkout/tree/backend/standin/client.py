"""JSON over HTTP. `requests` where it is there, so that whatever watches or guards `requests` sees these calls too."""
import json
import urllib.error
import urllib.request

try:
    import requests
except ImportError:
    requests = None


class Answer:
    def __init__(self, status, text):
        self.status, self.text = status, text

    @property
    def ok(self):
        return self.status < 400

    def json(self):
        return json.loads(self.text)


def send(method, url, body=None, headers=None, timeout=5):
    """Asks once. Raises OSError (or what `requests` makes of it) where nobody answers; any status is an answer."""
    if requests is not None:
        got = requests.request(method, url, json=body, headers=headers, timeout=timeout)
        return Answer(got.status_code, got.text)
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(asked, timeout=timeout) as got:
            return Answer(got.status, got.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as refused:
        return Answer(refused.code, refused.read().decode("utf-8", "replace"))


def get(url, headers=None, timeout=5):
    return send("GET", url, None, headers, timeout)


def post(url, body, timeout=5):
    return send("POST", url, body, None, timeout)
