// SPDX-License-Identifier: Apache-2.0
// Reads the metrics every 15 seconds while the page is visible.

const kEvery = 15, kSoon = 3, kPatience = 30;  // seconds: between reads; to the second, for the first rates; for one

const kSlice = 1 << 16, kBreath = 20;  // characters read, and milliseconds worked, before the browser gets its turn

let breath = 0;

// Lets the browser answer its user, if it had no turn for a while.
async function breathe() {
  if (performance.now() < breath + kBreath) return;
  await new Promise((goOn) => setTimeout(goOn));
  breath = performance.now();
}

// Gives the Host that one answer describes.
async function read(url) {
  const response = await fetch(url, {cache: 'no-store', signal: AbortSignal.timeout(1000 * kPatience)});
  if (!response.ok) throw new Error(`status ${response.status} ${response.statusText}`);
  const host = new Host(), format = new TextFormat(host.families());
  const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece; !(piece = await pieces.read()).done;) {
    host.moment ??= performance.now();  // libvirt is read before the first piece comes
    for (let at = 0; at < piece.value.length; at += kSlice) {
      format.feed(piece.value.slice(at, at + kSlice));
      await breathe();
    }
  }
  format.end();
  return Object.assign(host, {time: new Date()});
}

async function show(host, before, table) {
  const interval = before ? (host.moment - before.moment) / 1000 : undefined;
  if (before) host.addRates(before, interval);
  await breathe();
  const domains = [...host.domains.values()];
  showHealth(host);
  showNotices(host);
  showTrouble(host, domains, table);
  showTiles(host, domains);
  showCloud(host);
  await breathe();
  table.show(host);
  await breathe();
  if (before) addEvents(host.newEvents(before), host.time);
  showEventTotals(host);
  showParts(host);
  showPollsters(host);
  put(byId('read'), `read at ${clock(host.time)}` + (before ? `, rates over ${interval.toFixed(0)} s` : ', rates after the next read'));
  document.documentElement.dataset.interval = interval ?? '';
}

function main() {
  // Without the name and password that the page's own address may have: fetch refuses those.
  const url = new URL(document.body.dataset.metrics, location.origin + location.pathname), table = new Table();
  let before, timer, reading = false, due = 0;

  async function again() {
    clearTimeout(timer);
    if (document.hidden || reading) return;
    const now = performance.now();
    if (now < due) {
      timer = setTimeout(again, due - now);
      return;
    }
    reading = true;
    due = now + 1000 * (before ? kEvery : kSoon);
    try {
      const host = await read(url);
      await show(host, before, table);
      before = host;
      document.body.classList.remove('stale');
    } catch (error) {
      document.body.classList.add('stale');
      const shown = before ? ` The data shown was read at ${clock(before.time)}.` : '';
      notice(`Cannot read the metrics: ${error.message}.${shown}`, 'bad');
    }
    reading = false;
    again();
  }

  addEvents([], new Date());
  document.addEventListener('visibilitychange', again);
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, select')) return;
    event.preventDefault();
    byId('search').focus();
  });
  again();
}

main();
