# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy before a service, which notes what passes and, while a test wants it, breaks some of it.

A fault is a function of a Passing that gives an Answer. Those below are what load balancers, broken services and the
world do; see tests/openstack/test_faults.py for how they are used.
"""

import contextlib
import dataclasses
import http.client
import http.server
import re
import ssl
import threading
import urllib.parse

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes
    sent: int = None  # so many bytes of the body, then the connection ends


@dataclasses.dataclass
class Passing:
    """A request at the proxy."""

    method: str
    path: str  # with the query
    headers: dict
    body: bytes
    proxy: "Proxy"

    def forward(self):
        """Asks the service."""
        connection = http.client.HTTPConnection(self.proxy.target, timeout=300)
        with contextlib.closing(connection):
            connection.request(self.method, self.path, self.body or None, self.headers)
            response = connection.getresponse()
            headers = {name: value for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP}
            return Answer(response.status, headers, response.read())


class Proxy:
    """Use it in a `with` statement. `address` is where clients find it.

    With `pem`, the path of a key and its certificate, it speaks TLS to clients.
    """

    def __init__(self, target, pem=None):
        self.target = urllib.parse.urlsplit(target).netloc
        self.passed = []  # (method, path with query, status), in the order of the answers
        self.tokens = []  # that requests had, and that Keystone gave
        self._faults = []
        self._under_way = 0
        self._lock = threading.Lock()
        self.ended = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"{'https' if pem else 'http'}://127.0.0.1:{self._server.server_port}"
        if pem:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    @contextlib.contextmanager
    def breaking(self, fault, pattern="", on=1, times=None):
        """Breaks requests whose path and query match the pattern: from the `on`-th on, so many times, or always."""
        entry = {"fault": fault, "pattern": pattern, "skip": on - 1, "left": times}
        self._faults.append(entry)
        try:
            yield
        finally:
            self._faults.remove(entry)

    def is_idle(self):
        with self._lock:
            return self._under_way == 0

    def answer(self, passing):
        with self._lock:
            self._under_way += 1
            fault = self._fault_for(passing.path)
        try:
            answer = fault(passing) if fault else passing.forward()
        except OSError as error:
            answer = Answer(502, {"Content-Type": "text/html"}, f"<h1>Bad Gateway</h1>{error}".encode())
        with self._lock:
            self._under_way -= 1
            self._note(passing, answer)
        return answer

    def _fault_for(self, path):
        for entry in self._faults:
            if not re.search(entry["pattern"], path) or entry["left"] == 0:
                continue
            if entry["skip"] > 0:
                entry["skip"] -= 1
                continue
            if entry["left"] is not None:
                entry["left"] -= 1
            return entry["fault"]
        return None

    def _note(self, passing, answer):
        self.passed.append((passing.method, passing.path, answer.status))
        heads = [*passing.headers.items(), *answer.headers.items()]
        self.tokens += [value for name, value in heads if name.lower() in ("x-auth-token", "x-subject-token")]

    def _handler(proxy):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_request(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {
                    name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP | {"host"}
                }
                self.send(proxy.answer(Passing(self.command, self.path, headers, body, proxy)))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request

            def send(self, answer):
                with contextlib.suppress(OSError):  # who asked may be gone
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body[: answer.sent])
                    self.close_connection = answer.sent is not None

            def log_message(self, *_):
                pass

        return Handler


# ---- Faults ----------------------------------------------------------------------------------------------------


def status(code, **headers):
    """The JSON of an OpenStack error."""
    body = b'{"error": {"code": %d, "message": "broken by the test"}}' % code
    return lambda passing: Answer(code, {"Content-Type": "application/json", **headers}, body)


def html(passing):
    """A front that thinks all is well."""
    return Answer(200, {"Content-Type": "text/html"}, b"<html><body><h1>Welcome to nginx!</h1></body></html>")


def cut_json(passing):
    """Half of the JSON, as if it were all of it."""
    answer = passing.forward()
    answer.body = answer.body[: len(answer.body) // 2]
    return answer


def broken_off(passing):
    """Half of the body, then the connection ends."""
    answer = passing.forward()
    answer.sent = len(answer.body) // 2
    return answer


def slow(seconds):
    def fault(passing):
        passing.proxy.ended.wait(seconds)
        return passing.forward()

    return fault


def without_token(passing):
    """Lets the service refuse it."""
    passing.headers = {name: value for name, value in passing.headers.items() if name.lower() != "x-auth-token"}
    return passing.forward()


def marker_gone(passing):
    """As if the item after which this page begins had been deleted."""
    passing.path = re.sub(r"marker=[^&]+", "marker=00000000-0000-4000-8000-000000000000", passing.path)
    return passing.forward()


def rewritten(old, new):
    """Replaces bytes in the body."""

    def fault(passing):
        answer = passing.forward()
        answer.body = answer.body.replace(old, new)
        return answer

    return fault


def nothing(key):
    """An empty list, as Neutron gives to whom it does not know yet."""
    return lambda passing: Answer(200, {"Content-Type": "application/json"}, b'{"%s": []}' % key.encode())
