// SPDX-License-Identifier: Apache-2.0
// prometheusRules and prometheusAlerts: the rules of rules.json after what _config says of them.
local shipped = import 'rules.json';

{
  local config = $._config,
  local mark = ' # threshold',

  local names = [rule.alert for group in shipped.alerts.groups for rule in group.rules],
  local settings = ['enabled', 'severity', 'for', 'threshold'],
  local set = [name for alert in std.objectFields(config.alerts) for name in std.objectFields(config.alerts[alert])],
  local unknown = std.setDiff(std.set(std.objectFields(config.alerts) + set), std.set(names + settings)),
  assert unknown == [] : 'alerts: there is no ' + std.join(', ', unknown),

  local expression(text) =
    std.strReplace(std.strReplace(text, 'job="virt-exporter"', config.selector), '(cluster, ', '(' + config.clusterLabel + ', '),

  // The number in front of the first mark.
  local threshold(text) =
    local marks = std.findSubstr(mark, text);
    local words = std.split(std.substr(text, 0, marks[0]), ' ');
    if marks == [] then null else words[std.length(words) - 1],

  // A number as a person writes it: jsonnet writes 0.2 with 17 digits.
  local written(value) =
    if std.isString(value) then value else std.rstripChars(std.rstripChars('%.6f' % value, '0'), '.'),

  local withThreshold(rule, value) =
    local old = threshold(rule.expr);
    if old == null then error 'alerts: %s has no threshold' % rule.alert else rule {
      expr: std.strReplace(rule.expr, old + mark, value + mark),
      annotations+: {
        description: std.strReplace(rule.annotations.description, 'threshold ' + old, 'threshold ' + value),
      },
    },

  local link(url) =
    local based = std.strReplace(url, 'd/virt-', config.dashboardBase + 'd/virt-');
    if !config.showMultiCluster then based else
      std.strReplace(based, '?var-job=', '?var-cluster={{ $labels.%s | urlquery }}&var-job=' % config.clusterLabel),

  local alert(rule) =
    local own = { enabled: null } + (if std.objectHas(config.alerts, rule.alert) then config.alerts[rule.alert] else {});
    local shown = if own.enabled != null then own.enabled else config.infoAlerts || rule.labels.severity != 'info';
    local thresholded = if std.objectHas(own, 'threshold') then withThreshold(rule, written(own.threshold)) else rule;
    if !shown then [] else [thresholded {
      expr: expression(super.expr),
      'for': if std.objectHas(own, 'for') then own['for'] else super['for'],
      labels+: { severity: if std.objectHas(own, 'severity') then own.severity else config.severities[super.severity] },
      annotations+: {
        description: std.strReplace(super.description, '$labels.cluster', '$labels.' + config.clusterLabel),
        runbook_url: config.runbookBase + super.runbook_url,
        dashboard_url: link(super.dashboard_url),
      },
    }],

  prometheusRules+:: {
    groups+: [
      group { rules: [rule { expr: expression(super.expr) } for rule in group.rules] }
      for group in shipped.recording.groups
    ],
  },

  prometheusAlerts+:: {
    local changed = [group { rules: std.flattenArrays([alert(rule) for rule in group.rules]) } for group in shipped.alerts.groups],
    groups+: [group for group in changed if group.rules != []],
  },
}
