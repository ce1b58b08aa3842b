// SPDX-License-Identifier: Apache-2.0
// What stands around the table: figures of the host, troubled domains, a cloud, events, pollsters, notices.

const kMostTroubled = 8, kMostEvents = 200;

// A figure under its name, and what goes with it.
function tile(name, figure, more) {
  return element('div', 'tile', undefined, element('span', 'quiet', name), element('b', '', figure), element('span', 'quiet', more));
}

// Two figures that are looked at together.
function pairTile(name, ...pairs) {
  const lines = pairs.map(([figure, what]) => element('span', 'line', undefined, element('b', '', figure), element('span', 'quiet', what)));
  return element('div', 'tile', undefined, element('span', 'quiet', name), ...lines);
}

function showTiles(host, domains) {
  byId('tiles').hidden = host.up !== 1;
  const inState = (state) => domains.filter((domain) => domain.state === state).length;
  const rate = (key) => bytesPerSecond(total(domains, (domain) => domain.rates[key]));
  const cpus = total(domains, (domain) => domain.rates.cpu);
  const active = domains.filter(({state}) => state !== 'shutoff');
  const memory = total(active, (domain) => domain.memory), vcpus = total(active, (domain) => domain.vcpus);
  const states = ['paused', 'shutoff', 'crashed'].filter(inState).map((state) => `${whole(inState(state))} ${words(state)}`);
  const ofHost = (value) => (value === undefined ? 'used' : `used of the host’s ${value}`);
  byId('tiles').replaceChildren(
    tile('Domains', whole(domains.length), [`${whole(inState('running'))} running`, ...states].join(', ')),
    tile('CPUs', cpus === undefined ? kNothing : cpus < 99.5 ? cpus.toFixed(2) : whole(Math.round(cpus)),
      [ofHost(host.cpus), vcpus !== undefined && `guests have ${count(vcpus, 'vCPU')}`].filter(Boolean).join('; ')),
    tile('Memory', bytes(memory), 'assigned to guests' + (host.memory === undefined ? '' : `; the host has ${bytes(host.memory)}`)),
    pairTile('Disks', [rate('read'), 'read'], [rate('written'), 'written']),
    pairTile('Network', [rate('received'), 'received'], [rate('sent'), 'sent']));
}

function troubledLine({domain, kind, what, why}, table) {
  const name = element('button', 'name', domain.name);
  name.type = 'button';
  name.onclick = () => table.find(domain.name);
  const line = element('li', '', undefined, name, pill(kind, what), element('span', '', why),
    element('span', 'quiet', [domain.instance, domain.project].filter(Boolean).join(' · ')));
  line.dataset.kind = kind;
  return line;
}

function showTrouble(host, domains, table) {
  const troubled = domains.flatMap((domain) => {
    const found = trouble(domain);
    return found ? [{domain, ...found}] : [];
  }).sort((a, b) => compare(a.kind, b.kind) || compare(a.domain.name, b.domain.name));
  const number = troubled.length, silent = host.up !== 1 || domains.length === 0;
  byId('attention').hidden = silent;
  put(byId('attention-title'), number > 0 ? `Needs attention: ${count(number, 'domain')}` : 'Needs attention');
  byId('all-well').hidden = number > 0;
  byId('troubled').hidden = number === 0;
  // A name that somebody has just stepped on with the keyboard stays under it.
  const focused = byId('troubled').contains(document.activeElement) ? document.activeElement.textContent : undefined;
  byId('troubled').replaceChildren(...troubled.slice(0, kMostTroubled).map((one) => troubledLine(one, table)));
  if (focused !== undefined)
    [...byId('troubled').querySelectorAll('button')].find((button) => button.textContent === focused)?.focus();
  const more = byId('more-trouble');
  more.hidden = number <= kMostTroubled;
  put(more, `Show all ${whole(number)}`);
  more.onclick = () => table.find('', 'With problems');
  document.title = (number > 0 ? `(${number}) ` : '') + hostName(host);
}

// What is shown of a list that was not read may be old, or nothing.
function listResult({success, reason, age}) {
  if (success) return pill('good', 'ok');
  if (reason === 'pending') return pill('off', 'pending');
  return pill(age === undefined ? 'bad' : 'warning', words(reason));
}

function listLine(list) {
  const number = (text) => element('td', 'number', text);
  return element('tr', '', undefined, element('th', '', list.name), number(list.items === undefined ? kNothing : whole(list.items)),
    number(list.age === undefined ? kNothing : `${list.age.toFixed(0)} s`), number(seconds(list.seconds)),
    element('td', '', undefined, listResult(list)));
}

function scopeText({user_name: user, project_name: project, scope, roles, cloud_wide: all}) {
  const whose = project ? `project ${project}` : scope;
  return `User ${user}, ${whose}, ${roles.includes(',') ? 'roles' : 'role'} ${roles.split(',').join(', ')}: ` +
    (all === 'true' ? 'sees all projects.' : 'does not see all projects, so incomplete lists are left out.');
}

function showCloud(host) {
  byId('cloud').hidden = host.services.size === 0;
  byId('services').replaceChildren(...[...host.services].flatMap(([name, up]) => [pill(up ? 'good' : 'bad', name), ' ']));
  byId('lists').replaceChildren(...[...host.lists.values()].map(listLine));
  byId('scope').hidden = host.scope === undefined;
  if (host.scope) put(byId('scope'), scopeText(host.scope));
}

function resultPill(success) {
  return success === undefined ? pill('off', 'unknown') : success ? pill('good', 'ok') : pill('bad', 'failed');
}

function showPollsters({pollsters}) {
  byId('pollsters').replaceChildren(...[...pollsters].map(([name, {seconds: took, success}]) =>
    element('tr', '', undefined, element('th', '', name), element('td', 'number', seconds(took)),
      element('td', '', undefined, resultPill(success)))));
}

// What is read of libvirt, and which calls of it, of this read or of earlier ones, libvirt has not answered yet.
function showParts({parts}) {
  byId('parts-of-libvirt').hidden = parts.size === 0;
  byId('parts').replaceChildren(...[...parts].map(([name, {seconds: took, success, callsOut}]) =>
    element('tr', '', undefined, element('th', '', words(name)), element('td', 'number', seconds(took)),
      element('td', '', undefined, resultPill(success),
        callsOut > 0 ? element('span', 'quiet', ` ${count(callsOut, 'unanswered call')}`) : ''))));
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

// As the host calls itself; where libvirt is not there to say so, as the reader does.
function hostName(host) {
  return host.name || location.hostname;
}

function showHealth(host) {
  const up = host.up === 1;
  for (const part of ['libvirt', 'domains', 'happened']) byId(part).hidden = !host.readsLibvirt;
  document.querySelector('.skip').hidden = !host.readsLibvirt;
  byId('libvirt').dataset.kind = up ? 'good' : 'bad';
  put(byId('libvirt'), up ? 'libvirt connected' : 'libvirt not connected');
  const failing = [...host.services].filter(([, isUp]) => !isUp).map(([name]) => name);
  byId('openstack').hidden = host.services.size === 0;
  byId('openstack').dataset.kind = failing.length > 0 ? 'bad' : 'good';
  put(byId('openstack'), failing.length > 0 ? `${failing.join(', ')} failing` : 'OpenStack connected');
  const {libvirtd_running: libvirtd, hypervisor_running: hypervisor} = host.versions;
  put(byId('versions'), [libvirtd && `libvirt ${libvirtd}`, hypervisor && `${host.driver ?? ''} ${hypervisor}`].filter(Boolean).join(', '));
  put(byId('host'), hostName(host));
  put(byId('version'), `virt_exporter ${host.build.version ?? ''} (${host.build.revision ?? 'unknown'})`);
  const facts = [`libvirt library ${host.build.libvirt ?? 'unknown'}`];
  if (host.readsLibvirt) facts.push(`libvirt read in ${seconds(host.inspectSeconds)}`);
  if (host.resident !== undefined) facts.push(`exporter memory ${bytes(host.resident)}`);
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
  if (host.readsLibvirt && host.up !== 1)
    return notice('The exporter cannot read libvirt, so no domains are known. Its log says why; it retries on each read.', 'bad');
  const parts = [];
  if (host.incomplete > 0) parts.push(`${count(host.incomplete, 'domain')} with incomplete data`);
  if (host.leftBehind > 0) parts.push(`${count(host.leftBehind, 'hanging call')} to libvirt`);
  const unread = [...host.lists.values()].filter(({success, reason}) => success === false && reason !== 'pending').length;
  if (unread > 0) parts.push(`${count(unread, 'list')} of OpenStack not read`);
  const failed = (all) => [...all].filter(([, {success}]) => success === false).map(([name]) => name);
  const name = (what, names, happened) => {
    if (names.length > 0) parts.push(`${names.length === 1 ? what : `${what}s`} ${names.join(', ')} ${happened}`);
  };
  name('libvirt part', failed(host.parts).map(words), 'failed');
  if (host.silent.length > 0) parts.push(`no response from ${host.silent.join(', ')}`);
  name('pollster', failed(host.pollsters), 'failed');
  notice(parts.length > 0 ? `Incomplete data: ${parts.join('; ')}.` : '');
}
