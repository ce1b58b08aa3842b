// SPDX-License-Identifier: Apache-2.0
// The table of domains: searched, filtered, sorted, and shown page by page, so that thousands cost no more than fifty.

const kPageRows = 50;
const kStateKinds = {running: 'good', blocked: 'good', paused: 'warning', crashed: 'bad'};

function stateKind(domain) {
  return trouble(domain)?.kind ?? kStateKinds[domain.state] ?? 'off';
}

// A column: what it is sorted by (numbers fall, texts rise at first), and how its cell is made and filled.
const kColumns = [
  {
    label: 'Name', by: (domain) => domain.name,
    text: (domain) => domain.name,
    more: (domain) => [domain.instance, domain.project].filter(Boolean).join(' · '),
  },
  {label: 'State', className: 'state', by: (domain) => `${domain.state} ${domain.reason}`},
  {
    label: 'CPU', className: 'cpu', number: true, by: (domain) => domain.rates.cpu,
    text: (domain) => percent(cpuShare(domain)),
    more: (domain) => (cpuShare(domain) === undefined ? '' : `of ${count(domain.vcpus, 'vCPU')}`),
    share: cpuShare,
  },
  {
    label: 'Memory', className: 'memory', number: true, by: (domain) => usedMemory(domain) ?? domain.memory,
    text: (domain) => bytes(usedMemory(domain) ?? domain.memory),
    more: (domain) => (usedMemory(domain) === undefined ? '' : `used of ${bytes(domain.available)}`),
    share: (domain) => (usedMemory(domain) === undefined ? undefined : usedMemory(domain) / domain.available),
  },
  ...[['Disk read', 'read'], ['Disk write', 'written'], ['Received', 'received'], ['Sent', 'sent']].map(([label, key]) => ({
    label, number: true, by: (domain) => domain.rates[key], text: (domain) => bytesPerSecond(domain.rates[key]),
  })),
];

const kFilters = {
  'All': () => true,
  'With problems': (domain) => trouble(domain) !== undefined,
  'Running': (domain) => domain.state === 'running',
  'Paused': (domain) => domain.state === 'paused',
  'Shut off': (domain) => domain.state === 'shutoff',
};

function newCell(column, index) {
  const cell = element(index === 0 ? 'th' : 'td', `${column.className ?? ''} ${column.number ? 'number' : ''}`.trim());
  if (index === 0) cell.scope = 'row';
  if (column.number) cell.dataset.label = column.label;
  if (column.className === 'state') cell.append(pill('off', ''), element('span', 'quiet'));
  else cell.append(element('span'), element('span', 'quiet'));
  if (column.share) cell.append(element('span', 'used'));
  return cell;
}

function fillState(cell, domain) {
  const [state, reason] = cell.children;
  state.dataset.kind = stateKind(domain);
  put(state, domain.responding === 0 ? 'not responding' : words(domain.state));
  const why = [domain.responding === 0 && domain.state, domain.reason !== 'unknown' && domain.reason];
  put(reason, why.filter(Boolean).map(words).join(', '));
}

function fillCell(cell, column, domain) {
  if (!column.text) return fillState(cell, domain);
  const [text, more, used] = cell.children;
  put(text, column.text(domain));
  put(more, column.more?.(domain) ?? '');
  if (!used) return;
  const share = column.share(domain);
  used.hidden = share === undefined;
  used.dataset.kind = share > 0.9 ? 'warning' : '';
  used.style.setProperty('--share', `${(100 * Math.min(share ?? 0, 1)).toFixed(1)}%`);
}

class Table {
  constructor() {
    this.host = new Host();
    this.order = {column: 0, falling: false};
    this.page = 0;
    this.search = '';
    this.filter = 'All';
    this.makeColumns();
    byId('filter').append(...Object.keys(kFilters).map((name) => new Option(name)));
    byId('filter').onchange = (event) => this.choose({filter: event.target.value});
    byId('search').oninput = (event) => this.choose({search: event.target.value.trim().toLowerCase()});
    byId('back').onclick = () => this.turn(-1);
    byId('next').onclick = () => this.turn(1);
  }

  makeColumns() {
    this.heads = kColumns.map((column, index) => {
      const button = element('button', '', column.label);
      button.type = 'button';
      button.onclick = () => this.sort(index, this.order.column === index ? !this.order.falling : Boolean(column.number));
      const head = element('th', column.number ? 'number' : '', undefined, button);
      head.scope = 'col';
      return head;
    });
    byId('columns').append(...this.heads);
    byId('order').append(...kColumns.map(({label}, index) => new Option(`Sort: ${label}`, index)));
    byId('order').onchange = ({target}) => this.sort(Number(target.value), Boolean(kColumns[target.value].number));
  }

  sort(column, falling) {
    byId('order').value = column;
    this.choose({order: {column, falling}});
  }

  choose(choice) {
    Object.assign(this, choice, {page: 0});
    this.show(this.host);
  }

  // Goes where these domains are.
  find(search, filter = 'All') {
    byId('search').value = search;
    byId('filter').value = filter;
    this.choose({search: search.trim().toLowerCase(), filter});
    byId('domains').focus();
  }

  turn(pages) {
    this.page += pages;
    this.show(this.host);
    byId('domains').scrollIntoView();
  }

  matches(domain) {
    const texts = [domain.name, domain.instance, domain.project, domain.uuid];
    return kFilters[this.filter](domain) && texts.some((text) => text?.toLowerCase().includes(this.search));
  }

  // In order; domains that have nothing to be sorted by are last, and equal ones stand by name.
  sorted(domains) {
    const {by} = kColumns[this.order.column], sign = this.order.falling ? -1 : 1;
    return domains.map((domain) => [by(domain), domain]).sort(([a, one], [b, other]) => {
      if (a === undefined || b === undefined) return (a === undefined) - (b === undefined) || compare(one.name, other.name);
      return sign * compare(a, b) || compare(one.name, other.name);
    }).map(([, domain]) => domain);
  }

  show(host) {
    this.host = host;
    const chosen = this.sorted([...host.domains.values()].filter((domain) => this.matches(domain)));
    const pages = Math.max(1, Math.ceil(chosen.length / kPageRows));
    this.page = Math.min(Math.max(this.page, 0), pages - 1);
    const first = this.page * kPageRows;
    this.fillRows(chosen.slice(first, first + kPageRows));
    this.heads.forEach((head, index) => {
      const sorted = index !== this.order.column ? 'none' : this.order.falling ? 'descending' : 'ascending';
      head.setAttribute('aria-sort', sorted);
    });
    byId('none').hidden = chosen.length > 0;
    put(byId('none'), host.domains.size > 0 ? 'No domain matches.' : host.up === 1 ? 'This host has no domains.' : 'Unknown while libvirt is not connected.');
    byId('pager').hidden = pages === 1;
    byId('back').disabled = this.page === 0;
    byId('next').disabled = this.page === pages - 1;
    put(byId('place'), `${whole(first + 1)} to ${whole(Math.min(first + kPageRows, chosen.length))} of ${whole(chosen.length)}`);
  }

  fillRows(domains) {
    const body = byId('rows');
    while (body.rows.length > domains.length) body.deleteRow(-1);
    while (body.rows.length < domains.length) body.append(element('tr', '', undefined, ...kColumns.map(newCell)));
    domains.forEach((domain, index) => {
      body.rows[index].dataset.kind = stateKind(domain);
      kColumns.forEach((column, place) => fillCell(body.rows[index].cells[place], column, domain));
    });
  }
}
