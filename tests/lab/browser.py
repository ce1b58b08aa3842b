# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium that looks at the status page, and a way to see and to bend what the page reads."""

import contextlib
import http.client
import http.server
import threading

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

LAPTOP, NARROW, TABLET, PHONE = (1280, 900), (1010, 900), (820, 1100), (390, 844)
FASTER = 10

# Runs before the page's own script: its clock goes ten times as fast, and what keeps the browser busy is written down.
PREPARED = f"""
const timeout = window.setTimeout.bind(window), now = performance.now.bind(performance);
window.setTimeout = (call, wait) => timeout(call, wait / {FASTER});
performance.now = () => {FASTER} * now();
window.busy = [];
new PerformanceObserver((list) => list.getEntries().forEach((task) => busy.push(Math.round(task.duration))))
  .observe({{type: 'longtask', buffered: true}});
"""


@contextlib.contextmanager
def chromium():
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    # Root has no sandbox; the lab's /dev/shm is small; no service of Chromium's own is to be called.
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                 "--disable-background-networking", "--no-first-run", "--lang=en"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": PREPARED})
        resize(driver, LAPTOP)
        yield driver
    finally:
        driver.quit()


def resize(driver, size):
    """Sets the size of the page itself: a headless window has a least width."""
    width, height = size
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
    )


def colours(driver, scheme):
    """Lets the page think that its reader likes it "light" or "dark"."""
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )


class Proxy:
    """Stands between the page and the exporter, and keeps each answer to /metrics in `answers`.

    `bend`, if it is set, makes what the page gets out of what the exporter said: (status, text) -> (status, text).
    """

    def __init__(self, exporter):
        self.answers, self.bend = [], None
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with contextlib.suppress(OSError, http.client.HTTPException):  # one of the two is gone
                    self.pass_on()

            def pass_on(self):
                with exporter.get(self.path) as reply:
                    status, body = reply.status, reply.read()
                if self.path == "/metrics":
                    if proxy.bend:
                        status, text = proxy.bend(status, body.decode())
                        body = text.encode()
                    proxy.answers.append(body)
                self.send_response(status)
                for name in ("Content-Type", "Content-Security-Policy", "X-Content-Type-Options"):
                    if name in reply.headers:
                        self.send_header(name, reply.headers[name])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
