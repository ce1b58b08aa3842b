// SPDX-License-Identifier: Apache-2.0
// What may be set. The defaults give the rules of deploy/rules/ and the dashboards of dashboards/ as they are.
{
  _config+:: {
    // Selects the exporters in every rule; another libvirt exporter has families of the same names.
    selector: 'job="virt-exporter"',

    // The label that tells clusters apart in a ruler or a Grafana for several.
    clusterLabel: 'cluster',
    // Dashboards get a variable for the cluster.
    showMultiCluster: false,

    // The words for severities that your Alertmanager routes.
    severities: { info: 'info', warning: 'warning', critical: 'critical' },
    // Alerts of severity info, on single guests.
    infoAlerts: true,
    // By name of an alert: enabled, severity, for, threshold, such as
    //   LibvirtDomainStealHigh: { threshold: 0.2, severity: 'page', 'for': '30m' },
    alerts: {},

    // URLs that end in a slash: of a copy of deploy/rules/, and of Grafana. Links are relative without.
    runbookBase: '',
    dashboardBase: '',

    dashboardTitlePrefix: 'Virtualization / ',
    dashboardTags: ['virt-exporter', 'libvirt'],
    dashboardRefresh: '1m',
  },
}
