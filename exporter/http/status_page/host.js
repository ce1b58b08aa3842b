// SPDX-License-Identifier: Apache-2.0
// What one answer says of the host, its domains and a cloud; and, with the answer before, at which rates its counters grew.
// What the metrics do not say is undefined here, never 0.

class Host {
  constructor() {
    this.build = {};
    this.versions = {};
    this.domains = new Map();    // by name
    this.pollsters = new Map();  // {seconds, success} by name
    this.parts = new Map();      // of libvirt: {seconds, success, callsOut} by name
    this.silent = [];            // storage pools and virtual networks that do not respond
    this.events = new Map();     // {event, detail, count} by both
    this.services = new Map();   // of OpenStack: whether each answers, by name
    this.lists = new Map();      // of OpenStack: {name, success, reason, age, seconds, items}, in the order of the answer
  }

  domain(name) {
    let domain = this.domains.get(name);
    if (!domain) this.domains.set(name, (domain = {name, counters: new Map(), rates: {}}));
    return domain;
  }

  list({service, list}) {
    const name = `${service} ${list}`;
    if (!this.lists.has(name)) this.lists.set(name, {name});
    return this.lists.get(name);
  }

  // For TextFormat: what is taken from which family.
  families() {
    const ofHost = (key) => (_, value) => { this[key] = value; };
    const ofDomain = (key) => (labels, value) => { this.domain(labels.domain)[key] = value; };
    const ofNamed = (label, key, take = (value) => value) => (labels, value) => {
      const all = this[`${label}s`], name = labels[label];
      all.set(name, {...all.get(name), [key]: take(value)});
    };
    const isOne = (value) => value === 1;
    const silent = (kind, label) => (labels, value) => {
      if (value === 0) this.silent.push(`${kind} ${labels[label]}`);
    };
    const texts = (keys) => (labels) => {
      for (const [key, label] of Object.entries(keys)) this.domain(labels.domain)[key] = labels[label];
    };
    const counter = (key) => ({domain, target_device}, value) => {
      this.domain(domain).counters.set(`${key} ${target_device ?? ''}`, {key, value});
    };
    const service = (name) => (_, value) => { this.services.set(name, value === 1); };
    const ofList = (key) => (labels, value) => { this.list(labels)[key] = value; };
    return {
      libvirt_up: ofHost('up'),
      virt_exporter_build_info: (labels) => { this.build = labels; },
      libvirt_host_info: ({hostname, driver}) => Object.assign(this, {name: hostname, driver}),
      libvirt_versions_info: (labels) => { this.versions = labels; },
      libvirt_host_cpus_online: ofHost('cpus'),
      libvirt_host_memory_total_bytes: ofHost('memory'),
      virt_scrape_inspect_duration_seconds: ofHost('inspectSeconds'),
      virt_scrape_domains_incomplete: ofHost('incomplete'),
      virt_libvirt_calls_left_behind: ofHost('leftBehind'),
      virt_libvirt_reconnects_total: ofHost('reconnects'),
      process_resident_memory_bytes: ofHost('resident'),
      process_start_time_seconds: ofHost('started'),
      virt_scrape_pollster_duration_seconds: ofNamed('pollster', 'seconds'),
      virt_scrape_pollster_success: ofNamed('pollster', 'success', isOne),
      virt_libvirt_part_duration_seconds: ofNamed('part', 'seconds'),
      virt_libvirt_part_success: ofNamed('part', 'success', isOne),
      virt_libvirt_part_calls_out: ofNamed('part', 'callsOut'),
      libvirt_storage_pool_responding: silent('storage pool', 'storage_pool'),
      libvirt_virtual_network_responding: silent('virtual network', 'virtual_network'),
      libvirt_events_total: ({event, detail = ''}, count) => {
        this.events.set(`${event} ${detail}`, {event, detail, count});
      },
      openstack_identity_up: service('Keystone'),
      openstack_neutron_up: service('Neutron'),
      openstack_nova_up: service('Nova'),
      openstack_scope_info: (labels) => { this.scope = labels; },
      virt_openstack_list_success: (labels, value) => { this.list(labels).success = value === 1; },
      virt_openstack_list_failed: (labels) => { this.list(labels).reason = labels.reason; },
      virt_openstack_list_age_seconds: ofList('age'),
      virt_openstack_list_duration_seconds: ofList('seconds'),
      virt_openstack_list_items: ofList('items'),
      libvirt_domain_info: texts({uuid: 'uuid'}),
      libvirt_domain_openstack_info: texts({instance: 'instance_name', project: 'project_name'}),
      libvirt_domain_state: texts({state: 'state', reason: 'reason'}),
      libvirt_domain_responding: ofDomain('responding'),
      libvirt_domain_info_virtual_cpus: ofDomain('vcpus'),
      libvirt_domain_info_memory_usage_bytes: ofDomain('memory'),
      libvirt_domain_memory_stats_available_bytes: ofDomain('available'),
      libvirt_domain_memory_stats_usable_bytes: ofDomain('usable'),
      libvirt_domain_info_cpu_time_seconds_total: counter('cpu'),
      libvirt_domain_block_stats_read_bytes_total: counter('read'),
      libvirt_domain_block_stats_write_bytes_total: counter('written'),
      libvirt_domain_interface_stats_receive_bytes_total: counter('received'),
      libvirt_domain_interface_stats_transmit_bytes_total: counter('sent'),
    };
  }

  // An exporter may read a cloud and no libvirt.
  get readsLibvirt() {
    return this.up !== undefined || this.services.size === 0;
  }

  // Fills in the rates since the answer `before`, which is `seconds` old. A counter that is new or went back has none.
  addRates(before, seconds) {
    for (const domain of this.domains.values()) {
      const old = before.domains.get(domain.name)?.counters;
      for (const [series, {key, value}] of domain.counters) {
        const grown = value - (old?.get(series)?.value ?? NaN);
        if (grown >= 0) domain.rates[key] = (domain.rates[key] ?? 0) + grown / seconds;
      }
    }
  }

  // Events since the answer `before`, which counts from 0 if the exporter was started again.
  newEvents(before) {
    const restarted = before.started !== this.started;
    return [...this.events].flatMap(([key, {event, detail, count}]) => {
      const times = count - (restarted ? 0 : before.events.get(key)?.count ?? 0);
      return times > 0 ? [{event, detail, times}] : [];
    });
  }
}

// What the guest uses of its memory, as the guest itself reports it.
function usedMemory(domain) {
  return domain.available >= domain.usable ? domain.available - domain.usable : undefined;
}

function cpuShare(domain) {
  return domain.vcpus > 0 && domain.rates.cpu !== undefined ? domain.rates.cpu / domain.vcpus : undefined;
}

function total(domains, value) {
  return domains.map(value).reduce((sum, one) => (one === undefined ? sum : (sum ?? 0) + one), undefined);
}

const kPausedWhy = {
  'ioerror': 'I/O error: its disk is full, or its storage is gone',
  'user': 'by an operator or its owner', 'migration': 'it is being migrated', 'save': 'it is being saved', 'dump': 'it is being dumped',
  'crashed': 'the guest crashed', 'watchdog': 'its watchdog fired', 'postcopy_failed': 'its migration failed in post-copy',
};

const kBadPauses = ['ioerror', 'crashed', 'watchdog', 'postcopy_failed', 'api_error'];

// What is wrong with a domain: {kind, what, why}, or undefined if nothing is.
function trouble({responding, state, reason}) {
  const bad = (what, why) => ({kind: 'bad', what, why});
  if (responding === 0)
    return bad('not responding', `its QEMU monitor does not respond${state === 'running' ? '' : `; ${words(state)}`}`);
  if (state === 'crashed') return bad('crashed', reason === 'panicked' ? 'its kernel panicked' : words(reason));
  if (state === 'shutoff' && reason === 'crashed') return bad('crashed', 'its QEMU process ended');
  if (state === 'shutoff' && reason === 'failed') return bad('failed', 'it could not be started');
  if (state !== 'paused') return undefined;
  return {kind: kBadPauses.includes(reason) ? 'bad' : 'warning', what: 'paused', why: kPausedWhy[reason] ?? words(reason)};
}

// "shutting_down" → "shutting down"
function words(text) {
  return text === 'shutoff' ? 'shut off' : String(text ?? 'unknown').replace(/_/g, ' ');
}
