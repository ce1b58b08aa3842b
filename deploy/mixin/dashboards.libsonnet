// SPDX-License-Identifier: Apache-2.0
// grafanaDashboards: the dashboards of the folder dashboards/ after what _config says of them.
{
  local config = $._config,

  local titlePrefix = 'Virtualization / ',

  local clusterVariable(job) = job {
    name: 'cluster',
    label: 'Cluster',
    description: 'Cluster whose exporters are shown.',
    definition: self.query.query,
    query+: { query: 'label_values(virt_exporter_build_info, %s)' % config.clusterLabel },
    includeAll: false,
    multi: false,
    current: {},
  },

  // Every text of a dashboard that selects exporters, or leads to another dashboard.
  local ofCluster(text) =
    std.foldl(
      function(done, change) std.strReplace(done, change[0], change[1]),
      [
        ['job=~"$job"', config.clusterLabel + '=~"$cluster", job=~"$job"'],
        ['{project_name=~"$project"', '{' + config.clusterLabel + '=~"$cluster", project_name=~"$project"'],
        ['(project:instances:count, ', '(project:instances:count{%s=~"$cluster"}, ' % config.clusterLabel],
        ['label_values(virt_exporter_build_info, job)', 'label_values(virt_exporter_build_info{%s=~"$cluster"}, job)' % config.clusterLabel],
        ['${job:queryparam}', 'var-cluster=${cluster}&${job:queryparam}'],
      ],
      text
    ),

  local walk(value) =
    if std.isString(value) then ofCluster(value)
    else if std.isArray(value) then [walk(item) for item in value]
    else if std.isObject(value) then { [name]: walk(value[name]) for name in std.objectFields(value) }
    else value,

  local withCluster(dashboard) =
    local job = [variable for variable in dashboard.templating.list if variable.name == 'job'][0];
    walk(dashboard) {
      templating+: { list: [super.list[0], clusterVariable(job)] + super.list[1:] },
    },

  local changed(dashboard) =
    (if config.showMultiCluster then withCluster(dashboard) else dashboard) {
      title: config.dashboardTitlePrefix + std.strReplace(super.title, titlePrefix, ''),
      tags: config.dashboardTags,
      refresh: config.dashboardRefresh,
    },

  grafanaDashboards+:: {
    'virt-fleet.json': changed(import 'dashboards/fleet.json'),
    'virt-hypervisor.json': changed(import 'dashboards/hypervisor.json'),
    'virt-domain.json': changed(import 'dashboards/domain.json'),
    'virt-projects.json': changed(import 'dashboards/projects.json'),
  },
}
