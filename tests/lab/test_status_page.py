# SPDX-License-Identifier: Apache-2.0
"""The status page in a real browser: what it shows is what /metrics says, whatever guests are called."""

import math
import pathlib

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import browser
import exposition
import guests
import lab
import metadata
from exporter import REPOSITORY, Exporter

NOTHING = "–"
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
SHOTS = pathlib.Path(REPOSITORY, "build/test-logs/status_page")

ROWS = """return [...document.querySelectorAll('#rows tr')].map((row) => [...row.cells].map(
    (cell) => [...cell.children].filter((part) => !part.matches('.used')).map((part) => part.textContent)))"""


@pytest.fixture(scope="module")
def chromium():
    with browser.chromium() as driver:
        yield driver


@pytest.fixture
def proxy(exporter):
    with browser.Proxy(exporter) as running:
        yield running


class Page:
    """The page as somebody sees it who has it open."""

    def __init__(self, driver, url, reads=2):
        self.driver = driver
        browser.resize(driver, browser.LAPTOP)
        browser.colours(driver, "light")
        driver.get_log("browser")
        driver.get(url)
        wanted = "return document.documentElement.dataset.interval" + (" > 0" if reads == 2 else " !== undefined")
        lab.wait_until(f"the page has read {reads} times", lambda: self.run(wanted))

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).innerText", selector)

    def table(self, selector):
        """The texts of its cells, row by row."""
        rows = "return [...document.querySelectorAll(arguments[0])].map((row) => row.innerText.split('\\t'))"
        return self.run(rows, f"{selector} tr")

    def interval(self):
        return float(self.run("return document.documentElement.dataset.interval"))

    def rows(self):
        """Gives the table as {name: [[text, more], …]}, a pair for each column behind the name's."""
        return {cells[0][0]: cells for cells in self.run(ROWS)}

    def names(self):
        return list(self.rows())

    def press(self, *keys):
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def problems(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def shoot(self, name):
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(SHOTS / f"{name}.png"))


# ---- What the page must say, worked out from the answers that it got --------------------------------------------


def in_bytes(value):
    unit = 0
    while value >= 1023.5 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    digits = 1 if unit and value < 99.95 else 0
    return f"{math.floor(value * 10**digits + 0.5) / 10**digits:.{digits}f} {UNITS[unit]}"  # a half goes up, as in toFixed


def grown(new, old, family, domain):
    """How much a domain's counters of this family grew, all devices together; None if it has none in both."""
    pairs = [(value, old.value(family, **labels)) for labels, value in new.matching(family, domain=domain)]
    return sum(value - before for value, before in pairs if before is not None) if pairs else None


def rate_text(new, old, family, domain, interval):
    difference = grown(new, old, family, domain)
    return NOTHING if difference is None else in_bytes(difference / interval) + "/s"


def memory_text(new, domain):
    def value(family):
        return new.value(f"libvirt_domain_{family}_bytes", domain=domain)

    available, usable = value("memory_stats_available"), value("memory_stats_usable")
    if available is not None and usable is not None:
        return [in_bytes(available - usable), f"used of {in_bytes(available)}"]
    usage = value("info_memory_usage")
    return [NOTHING if usage is None else in_bytes(usage), ""]


def cpu_text(new, old, domain, interval):
    vcpus = new.value("libvirt_domain_info_virtual_cpus", domain=domain)
    used = grown(new, old, "libvirt_domain_info_cpu_time_seconds_total", domain)
    share = None if used is None or not vcpus else used / interval / vcpus
    text = NOTHING if share is None else f"{100 * share:.{1 if share < 0.0995 else 0}f} %"
    return [text, "" if share is None else f"of {vcpus:.0f} vCPU" + ("" if vcpus == 1 else "s")]


def expected_rows(new, old, interval):
    rows = {}
    for labels, _ in new.matching("libvirt_domain_state"):
        name, state, reason = labels["domain"], labels["state"], labels["reason"]
        nova = next((found for found, _ in new.matching("libvirt_domain_openstack_info", domain=name)), {})
        rates = [
            [rate_text(new, old, f"libvirt_domain_{family}_bytes_total", name, interval), ""]
            for family in ("block_stats_read", "block_stats_write", "interface_stats_receive", "interface_stats_transmit")
        ]
        rows[name] = [
            [name, " · ".join(filter(None, (nova.get("instance_name"), nova.get("project_name"))))],
            [{"shutoff": "shut off"}.get(state, state), "" if reason == "unknown" else reason.replace("_", " ")],
            cpu_text(new, old, name, interval),
            memory_text(new, name),
            *rates,
        ]
    return rows


# ---- Truths ------------------------------------------------------------------------------------------------------


def test_values_on_the_page_are_those_of_the_metrics(chromium, proxy):
    page = Page(chromium, proxy.url)
    old, new = (exposition.parse(answer) for answer in proxy.answers[-2:])
    assert page.rows() == expected_rows(new, old, page.interval())
    assert any(cells[4][0] != NOTHING for cells in page.rows().values())
    up, build = new.value("libvirt_up"), new.matching("virt_exporter_build_info")[0][0]
    assert up == 1 and page.text("#libvirt") == "libvirt connected"
    assert f"{build['version']} ({build['revision']})" in page.text("#version")
    assert page.text("#host") == new.matching("libvirt_host_info")[0][0]["hostname"]
    versions = new.matching("libvirt_versions_info")[0][0]
    assert page.text("#versions") == f"libvirt {versions['libvirtd_running']}, QEMU {versions['hypervisor_running']}"
    pollsters = {labels["pollster"]: value for labels, value in new.matching("virt_scrape_pollster_duration_seconds")}
    assert page.table("#pollsters") == [[name, f"{1000 * took:.1f} ms", "ok"] for name, took in pollsters.items()]
    parts = {labels["part"]: value for labels, value in new.matching("virt_libvirt_part_duration_seconds")}
    assert {"domains", "monitors"} <= set(parts)
    assert page.table("#parts") == [[name.replace("_", " "), f"{1000 * took:.1f} ms", "ok"] for name, took in parts.items()]
    assert page.problems() == []


def test_looks_at_it_in_both_lights_and_on_a_phone(chromium, proxy):
    page = Page(chromium, proxy.url)
    for scheme in ("light", "dark"):
        browser.colours(chromium, scheme)
        for name in ("laptop", "narrow", "tablet", "phone"):
            browser.resize(chromium, getattr(browser, name.upper()))
            page.shoot(f"{name}-{scheme}")
            assert page.run("""return [...document.querySelectorAll('html, .card')].filter(
                (part) => part.scrollWidth > part.clientWidth).map((part) => part.outerHTML.slice(0, 100))""") == []
        background = page.run("return getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, background[4:-1].split(","))) < 200) == (scheme == "dark")


def test_password_in_the_address_of_the_page_does_not_hinder_it(chromium, proxy):
    page = Page(chromium, proxy.url.replace("//", "//scraper:secret@"), reads=1)
    assert page.names()


def test_names_run_nothing(chromium, proxy):
    """Names that libvirt itself allows, and worse ones that only an exporter gone mad could send."""
    worse = ("</script><script>ran=1</script>", "<svg onload=ran=1>", "{{nonce}}", "__proto__", "constructor")
    lines = "".join(f'libvirt_domain_state{{domain="{name}",state="paused",reason="{name}"}} 1\n' for name in worse)
    proxy.bend = lambda status, text: (status, text + lines)
    page = Page(chromium, proxy.url)
    for name in (*worse, *metadata.HOSTILE_NAMES):
        assert name in page.names()
    assert page.run("return window.ran") is None
    assert page.run("return document.querySelectorAll('main :is(img, script, svg)').length") == 0
    assert page.problems() == []


def test_browser_would_not_run_what_got_into_the_page(chromium, proxy):
    page = Page(chromium, proxy.url)
    page.run("""const policy = trustedTypes.createPolicy('mine', {createScript: (text) => text});
                const script = document.createElement('script');
                script.text = policy.createScript('window.ran = 1');
                document.body.append(script);""")
    assert page.run("return window.ran") is None
    assert any("Content Security Policy" in problem for problem in page.problems())
    html = "try { document.body.innerHTML = '<b>'; return 'taken'; } catch (error) { return error.name; }"
    assert page.run(html) == "TypeError"


def test_domains_in_trouble_stand_on_top(chromium, proxy):
    with lab.frozen("boot-sector"):
        page = Page(chromium, proxy.url)
        page.find("#filter").send_keys("With problems")
        new = exposition.parse(proxy.answers[-1])
        troubled = {
            labels["domain"]
            for labels, _ in new.matching("libvirt_domain_state")
            if labels["state"] in ("paused", "crashed")
            or labels["reason"] in ("crashed", "failed")
            or new.value("libvirt_domain_responding", domain=labels["domain"]) == 0
        }
        assert {"paused", "suspended", "panicked", "off-crashed", "boot-sector"} <= troubled
        assert set(page.names()) == troubled
        assert page.rows()["boot-sector"][1] == ["not responding", "running, booted"]
        told = " ".join(page.text("#troubled").split())
        assert "panicked crashed its kernel panicked" in told and "off-crashed crashed its QEMU process ended" in told
        assert told.startswith("boot-sector not responding its QEMU monitor does not respond")
        assert page.text("#attention-title") == f"Needs attention: {len(troubled)} domains"
        assert "1 domain with incomplete data" in page.text("#notice")
        assert page.run("return document.title").startswith(f"({len(troubled)}) ")
        page.find("#filter").send_keys(Keys.HOME)
        page.shoot("trouble")
        place = "return document.querySelector(arguments[0]).getBoundingClientRect().top"
        assert page.run(place, "#attention") < page.run(place, "#tiles") < page.run(place, "#domains")
        page.find("#troubled li:nth-child(2) button").send_keys(Keys.ENTER)
        assert page.names() == ["off-crashed"] and page.find("#search").get_property("value") == "off-crashed"
        page.press("/", Keys.CONTROL + "a", Keys.BACKSPACE)
    lab.wait_until("it is well again", lambda: page.rows()["boot-sector"][1][0] == "running")


def test_where_nothing_is_wrong_the_page_says_that_too(chromium, proxy):
    proxy.bend = lambda status, text: (status, "libvirt_up 1\n" + 'libvirt_domain_state{domain="a",state="running",reason="booted"} 1\n')
    page = Page(chromium, proxy.url)
    assert page.names() == ["a"] and "no domain is paused or crashed" in page.text("#attention")
    assert not page.find("#troubled").is_displayed()


def test_parts_of_libvirt_that_do_not_respond_are_named(chromium, proxy):
    proxy.bend = lambda status, text: (status, '''libvirt_up 1
virt_libvirt_part_success{part="pools"} 0
virt_libvirt_part_duration_seconds{part="pools"} 9.5
virt_libvirt_part_calls_out{part="pools"} 1
virt_libvirt_part_success{part="memory_bandwidth"} 1
virt_libvirt_part_duration_seconds{part="memory_bandwidth"} 0.002
virt_libvirt_part_calls_out{part="memory_bandwidth"} 0
libvirt_storage_pool_responding{storage_pool="images"} 1
libvirt_storage_pool_responding{storage_pool="slow"} 0
virt_scrape_pollster_success{pollster="compute.pool"} 0
''')
    page = Page(chromium, proxy.url)
    told = "libvirt part pools failed; no response from storage pool slow; pollster compute.pool failed"
    assert page.text("#notice") == f"Incomplete data: {told}."
    assert page.table("#parts") == [
        ["pools", "9.50 s", "failed 1 unanswered call"], ["memory bandwidth", "2.0 ms", "ok"],
    ]


def test_search_filter_and_order_by_keyboard_alone(chromium, proxy):
    page = Page(chromium, proxy.url)
    everybody = page.names()
    page.press("/", *"OFF-D")
    assert page.names() == ["off-destroyed"]
    page.press(Keys.CONTROL + "a", *"physics")
    assert set(page.names()) == {"linux", "nova-1.0", "nova-1.1", "nova-ceph", "nova-hostile", "nova-odd"}
    page.press(Keys.CONTROL + "a", *"nobody")
    assert page.names() == [] and page.text("#none") == "No domain matches."
    page.press(Keys.CONTROL + "a", Keys.BACKSPACE, Keys.TAB, *"Shut")
    assert page.names() and {cells[1][0] for cells in page.rows().values()} == {"shut off"}
    page.press(Keys.HOME, Keys.TAB, Keys.ENTER)  # the head of the first column
    assert page.names() == everybody[::-1]
    page.press(Keys.TAB, Keys.TAB, Keys.TAB, Keys.ENTER)
    assert page.find("th[aria-sort=descending]").text.startswith("Memory")
    memory = [cells[3][0] for cells in page.rows().values()]
    sizes = [float(text.split()[0]) * 1024 ** UNITS.index(text.split()[1]) for text in memory if text != NOTHING]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) > 2


def test_events_are_listed_when_they_happen(chromium, proxy):
    page = Page(chromium, proxy.url)
    lab.virsh("resume", "suspended")
    lab.virsh("suspend", "suspended")
    lab.wait_until("both are listed", lambda: "lifecycle: resumed" in page.text("#events")
                   and "lifecycle: suspended user" in page.text("#events"))
    new = exposition.parse(proxy.answers[-1])
    told = {labels["detail"].replace("_", " "): count for labels, count in
            new.matching("libvirt_events_total", event="lifecycle") if count > 0}
    for detail, count in told.items():
        assert f"{count:.0f} × lifecycle: {detail}" in page.text("#event-totals")


def test_events_of_later_reads_stand_first_and_are_counted(chromium, proxy):
    proxy.bend = lambda status, text: (status, text + event_lines(len(proxy.answers)))
    page = Page(chromium, proxy.url)
    lab.wait_until("events of two more reads", lambda: page.text("#events").count("made up: again") == 3)
    assert "made up: once (2 times)" in page.text("#events")
    times = page.run("return [...document.querySelectorAll('#events time')].map((time) => time.dateTime)")
    assert times == sorted(times, reverse=True)


def event_lines(reads):
    return (
        f'libvirt_events_total{{event="made_up",detail="again"}} {5 + reads}\n'
        f'libvirt_events_total{{event="made_up",detail="once"}} {2 if reads else 0}\n'
    )


def test_without_libvirt_the_page_says_so(chromium):
    with Exporter("--libvirt_uri=qemu+unix:///system?socket=/nonexistent") as lonely, browser.Proxy(lonely) as proxy:
        page = Page(chromium, proxy.url)
        assert page.text("#libvirt") == "libvirt not connected"
        assert "cannot read libvirt" in page.text("#notice")
        assert page.rows() == {} and page.text("#none") == "Unknown while libvirt is not connected."
        assert not page.find("#tiles").is_displayed() and not page.find("#attention").is_displayed()


def test_without_an_exporter_the_page_says_since_when_and_goes_on_when_it_is_back(chromium, proxy):
    page = Page(chromium, proxy.url)
    names = page.names()
    proxy.bend = lambda status, text: (503, "shutting down")
    lab.wait_until("the page tells of the failure", lambda: "503" in page.text("#notice"))
    assert "was read at" in page.text("#notice") and page.names() == names
    proxy.bend = lambda status, text: (status, text[: len(text) // 2])
    lab.wait_until("the page tells of half an answer", lambda: "truncated" in page.text("#notice"))
    proxy.bend = None
    lab.wait_until("it is well again", lambda: not page.find("#notice").is_displayed())


def test_page_reads_every_15_seconds_and_not_while_nobody_sees_it(chromium, proxy):
    page = Page(chromium, proxy.url)
    lab.wait_until("a third read", lambda: page.interval() > 10)
    assert page.interval() < 15 + 2 * browser.FASTER
    page.run("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    waits = "const done = arguments[0]; setTimeout(done, 45000)"
    page.driver.execute_async_script(waits)  # a read may have been under way
    reads = len(proxy.answers)
    page.driver.execute_async_script(waits)
    assert len(proxy.answers) == reads
    page.run("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    lab.wait_until("it reads again", lambda: len(proxy.answers) > reads)


def test_2000_domains_are_smooth(chromium, tmp_path):
    host = tmp_path / "host.xml"
    host.write_text(guests.test_host(2000))
    with Exporter(f"--libvirt_uri=test://{host}", "--scrape_timeout=60") as exporter, browser.Proxy(exporter) as proxy:
        page = Page(chromium, proxy.url)
        assert len(page.names()) == 50 and page.text("#place") == "1 to 50 of 2,000"
        page.find("#next").click()
        assert page.names()[0] == "vm-00050"
        page.press("/", *"vm-0199")
        assert page.names() == [f"vm-{n:05}" for n in range(1990, 2000)]
        page.find("#columns th:nth-child(3) button").click()
        busy = page.run("return window.busy")
        print(f"{len(proxy.answers[-1]) >> 20} MiB; the browser was busy for more than 50 ms at once: {busy} ms")
        assert max(busy, default=0) < 200


# ---- The reader of the text format --------------------------------------------------------------------------------

READ = """const seen = [], take = new Proxy({}, {
    getOwnPropertyDescriptor: (_, family) => ({configurable: true, enumerable: true}),
    get: (_, family) => (labels, value) => seen.push([family, Object.entries(labels), String(value)])});
const format = new TextFormat(take);
try { for (const piece of arguments[0]) format.feed(piece); format.end(); } catch (error) { return error.message; }
return seen;"""

GOLDEN = '''# HELP a Some \\\\ help.
# TYPE a gauge

a 1
a{} 2
a{x="y"} 3 1700000000000
a{x="a\\\\b\\"c\\nd",y="}{=,"} 4.5e-3
a{x="",y="é🦖 ",} +Inf
b_total{__proto__="z"} -Inf
b:c NaN
'''

READ_GOLDEN = [
    ["a", [], "1"],
    ["a", [], "2"],
    ["a", [["x", "y"]], "3"],
    ["a", [["x", 'a\\b"c\nd'], ["y", "}{=,"]], "0.0045"],
    ["a", [["x", ""], ["y", "é🦖 "]], "Infinity"],
    ["b_total", [["__proto__", "z"]], "-Infinity"],
    ["b:c", [], "NaN"],
]


@pytest.fixture(scope="module")
def page(chromium, exporter):
    return Page(chromium, exporter.url)


def test_text_is_read_however_it_is_cut(page):
    assert page.run(READ, [GOLDEN]) == READ_GOLDEN
    assert page.run(READ, list(GOLDEN)) == READ_GOLDEN


@pytest.mark.parametrize(
    "text", ["a", "a{", 'a{x="y" 1\n', 'a{x="y} 1\n', "a{x=y} 1\n", "a one\n", "a \n", "a{}\n", "a toString\n", "a 1"]
)
def test_text_that_is_wrong_is_refused(page, text):
    assert isinstance(page.run(READ, [text]), str)


def test_real_answer_is_read_as_by_others(page, exporter):
    text = exporter.scrape_bytes().decode()
    read = {(family, frozenset(map(tuple, labels))): float(value) for family, labels, value in page.run(READ, [text])}
    assert read == exposition.parse(text).samples
