// SPDX-License-Identifier: Apache-2.0
// Rules, alerts and dashboards of virt_exporter as a mixin: set _config, and take prometheusRules, prometheusAlerts and
// grafanaDashboards.
(import 'config.libsonnet') + (import 'rules.libsonnet') + (import 'dashboards.libsonnet')
