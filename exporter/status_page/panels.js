// SPDX-License-Identifier: Apache-2.0
// What stands around the table: figures of the host, troubled domains, events, pollsters, notices.

const kMostTroubled = 8, kMostEvents = 200;

function showTiles(domains) {
  const running = domains.filter(({state}) => state === 'running').length;
  const rate = (key) => bytesPerSecond(total(domains, (domain) => domain.rates[key]));
  const cpus = total(domains, (domain) => domain.rates.cpu);
  const active = domains.filter(({state}) => state !== 'shutoff');
  const memory = total(active, (domain) => domain.memory), vcpus = total(active, (domain) => domain.vcpus);
  const others = ['paused', 'shutoff', 'crashed'].flatMap((state) => {
    const number = domains.filter((domain) => domain.state === state).length;
    return number > 0 ? [`${number} ${state === 'shutoff' ? 'shut off' : state}`] : [];
  });
  const tiles = [
    [count(domains.length, 'domain'), [`${running} running`, ...others].join(', ')],
    [cpus === undefined ? `${kNothing} CPUs` : `${cpus.toFixed(2)} CPUs`, vcpus === undefined ? 'used' : `used by ${count(vcpus, 'vCPU')} of guests`],
    [bytes(memory), 'memory of guests that are up'],
    [`${rate('read')}`, `disk read; written ${rate('written')}`],
    [`${rate('received')}`, `received; sent ${rate('sent')}`],
  ];
  byId('tiles').replaceChildren(...tiles.map(([figure, text]) =>
    element('div', 'tile', undefined, element('b', '', figure), element('span', 'quiet', text))));
}

function showTrouble(domains, table) {
  const troubled = domains.flatMap((domain) => {
    const found = trouble(domain);
    return found ? [{domain, ...found}] : [];
  }).sort((a, b) => compare(a.kind, b.kind) || compare(a.domain.name, b.domain.name));
  byId('attention').hidden = troubled.length === 0;
  byId('troubled').replaceChildren(...troubled.slice(0, kMostTroubled).map(({domain, kind, text}) => {
    const line = element('li', '', undefined, element('b', '', domain.name), element('span', '', text),
      element('span', 'quiet', [domain.instance, domain.project].filter(Boolean).join(' · ')));
    line.dataset.kind = kind;
    return line;
  }));
  const more = byId('more-trouble');
  more.hidden = troubled.length <= kMostTroubled;
  put(more, `Show all ${troubled.length}`);
  more.onclick = () => {
    byId('filter').value = 'In trouble';
    table.choose({filter: 'In trouble'});
    byId('domains').focus();
  };
  document.title = (troubled.length > 0 ? `(${troubled.length}) ` : '') + location.hostname;
}

function showPollsters(host) {
  byId('pollsters').replaceChildren(...[...host.pollsters].map(([name, {seconds: took, success}]) => {
    const result = success === undefined ? pill('off', 'unknown') : success ? pill('good', 'ok') : pill('bad', 'failed');
    return element('tr', '', undefined, element('th', '', name), element('td', 'number', seconds(took)),
      element('td', '', undefined, result));
  }));
}

function addEvents(events, time) {
  byId('events').prepend(...events.map(({event, detail, times}) => {
    const when = element('time', '', clock(time));
    when.dateTime = time.toISOString();
    const text = [words(event), detail && words(detail)].filter(Boolean).join(': ');
    return element('li', '', undefined, when, element('span', '', times > 1 ? `${text} (${times} times)` : text));
  }));
  while (byId('events').children.length > kMostEvents) byId('events').lastChild.remove();
  byId('events').hidden = byId('events').children.length === 0;
}

function showEventTotals(host) {
  const all = [...host.events.values()].filter((event) => event.count > 0).sort((a, b) => b.count - a.count);
  const totals = all.map((event) => `${event.count} × ${words(event.event)}${event.detail ? `: ${words(event.detail)}` : ''}`);
  const since = host.started === undefined ? '' : ` (${new Date(1000 * host.started).toLocaleString([], {hour12: false})})`;
  const none = host.events.size > 0 ? 'None since the exporter started' : 'None so far';
  put(byId('event-totals'), totals.length > 0 ? `Since the exporter started${since}: ${totals.join(', ')}.` : `${none}.`);
}

function showHealth(host) {
  const up = host.up === 1;
  byId('libvirt').dataset.kind = up ? 'good' : 'bad';
  put(byId('libvirt'), up ? 'libvirt connected' : 'libvirt not connected');
  put(byId('host'), location.hostname);
  put(byId('version'), `virt_exporter ${host.build.version ?? ''} (${host.build.revision ?? 'unknown'})`);
  const facts = [`libvirt library ${host.build.libvirt ?? 'unknown'}`, `libvirt read in ${seconds(host.inspectSeconds)}`];
  if (host.resident !== undefined) facts.push(`memory of the exporter ${bytes(host.resident)}`);
  if (host.reconnects > 0) facts.push(count(host.reconnects, 'reconnection'));
  put(byId('exporter'), facts.join(' · '));
}

// One line on what the page cannot show, or only in part; "" if there is nothing to say.
function notice(text, kind = 'warning') {
  byId('notice').hidden = text === '';
  byId('notice').dataset.kind = kind;
  put(byId('notice'), text);
}

function showNotices(host) {
  if (host.up !== 1)
    return notice('The exporter cannot read libvirt, so it knows of no domain. Its log says why; it tries again at each read.', 'bad');
  const parts = [];
  if (host.incomplete > 0) parts.push(`${count(host.incomplete, 'domain')} not read completely`);
  if (host.leftBehind > 0) parts.push(`${count(host.leftBehind, 'call')} to libvirt without an answer`);
  const failed = [...host.pollsters].filter(([, {success}]) => success === false).map(([name]) => name);
  if (failed.length > 0) parts.push(`failed: ${failed.join(', ')}`);
  notice(parts.length > 0 ? `In part only: ${parts.join('; ')}.` : '');
}
