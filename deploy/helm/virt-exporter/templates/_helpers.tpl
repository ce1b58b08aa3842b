{{- define "virt-exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "virt-exporter.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "virt-exporter.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "virt-exporter.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "virt-exporter.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{/* Whether an object of the operator is made: (list $ .enabled). "auto" asks whether the cluster knows the operator. */}}
{{- define "virt-exporter.wanted" -}}
{{- $enabled := last . | toString }}
{{- if or (eq $enabled "true") (and (eq $enabled "auto") ((first .).Capabilities.APIVersions.Has "monitoring.coreos.com/v1")) }}yes{{ end }}
{{- end }}

{{- define "virt-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "virt-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "virt-exporter.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "virt-exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: metrics
app.kubernetes.io/part-of: virt-exporter
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The metadata of an object: (dict "context" $ "name" … "namespace" … "labels" … "annotations" …). */}}
{{- define "virt-exporter.metadata" -}}
name: {{ .name | default (include "virt-exporter.fullname" .context) }}
namespace: {{ .namespace | default (include "virt-exporter.namespace" .context) }}
labels:
  {{- mergeOverwrite (include "virt-exporter.labels" .context | fromYaml) (deepCopy (.labels | default dict)) | toYaml | nindent 2 }}
{{- with mergeOverwrite (deepCopy .context.Values.commonAnnotations) (deepCopy (.annotations | default dict)) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "virt-exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "virt-exporter.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "virt-exporter.image" -}}
{{- $registry := (.Values.global).imageRegistry | default .Values.image.registry }}
{{- with .Values.image }}
{{- if not (or $registry (contains "/" .repository)) }}
{{- fail "image.registry is required: no public registry has this image, see the chart's README" }}
{{- end }}
{{- if $registry }}{{ $registry }}/{{ end }}{{ .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* The Secret with the web configuration; empty without one. */}}
{{- define "virt-exporter.webConfigSecret" -}}
{{- if and .Values.webConfig.content .Values.webConfig.existingSecret }}
{{- fail "webConfig: give either content or existingSecret" }}
{{- end }}
{{- if .Values.webConfig.content }}{{ include "virt-exporter.fullname" . }}-web-config{{ else }}{{ .Values.webConfig.existingSecret }}{{ end }}
{{- end }}

{{/* What a probe does: (list $ "/-/healthy"). The kubelet has neither password nor client certificate. */}}
{{- define "virt-exporter.probe" -}}
{{- if include "virt-exporter.webConfigSecret" (first .) -}}
tcpSocket: {port: metrics}
{{- else -}}
httpGet: {path: {{ last . }}, port: metrics}
{{- end }}
{{- end }}

{{/* An endpoint of a PodMonitor or ServiceMonitor, from its values. */}}
{{- define "virt-exporter.endpoint" -}}
port: metrics
{{- range $key := list "interval" "scrapeTimeout" "scheme" "tlsConfig" "basicAuth" "authorization" "oauth2" "proxyUrl" "params" "metricRelabelings" }}
{{- with get $ $key }}
{{ $key }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- range $key := list "honorTimestamps" "enableHttp2" "filterRunning" "followRedirects" }}
{{- if kindIs "bool" (get $ $key) }}
{{ $key }}: {{ get $ $key }}
{{- end }}
{{- end }}
{{- if .honorLabels }}
honorLabels: true
{{- end }}
relabelings:
  {{- if not .jobLabel }}
  - {targetLabel: job, replacement: virt-exporter}
  {{- end }}
  - {sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: instance}
  # The counters are libvirt's: they go on when the pod is another.
  - {action: labeldrop, regex: pod|container|endpoint|service}
  {{- with .relabelings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* What a monitor has beside its endpoint. */}}
{{- define "virt-exporter.limits" -}}
{{- range $key := list "jobLabel" "podTargetLabels" "targetLabels" "attachMetadata" }}
{{- with get $ $key }}
{{ $key }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- range $key := list "sampleLimit" "targetLimit" "labelLimit" "labelNameLengthLimit" "labelValueLengthLimit" }}
{{- with get $ $key }}
{{ $key }}: {{ int . }}
{{- end }}
{{- end }}
{{- end }}

{{/* Groups of the alerts, after what .Values.prometheusRule says of them. */}}
{{- define "virt-exporter.alerts" -}}
{{- $values := .Values.prometheusRule }}
{{- range $group := (.Files.Get "rules/alerts.yml" | fromYaml).groups }}
{{- $rules := list }}
{{- range $rule := $group.rules }}
{{- $own := get $values.alerts $rule.alert | default dict }}
{{- $on := dig "enabled" (or $values.infoAlerts (ne $rule.labels.severity "info")) $own }}
{{- if $on }}
{{- with $own.severity }}{{ $_ := set $rule.labels "severity" . }}{{ end }}
{{- with get $own "for" }}{{ $_ := set $rule "for" . }}{{ end }}
{{- if hasKey $own "threshold" }}
{{- $marked := regexFind "[0-9.]+ # threshold" $rule.expr | required (printf "prometheusRule.alerts.%s has no threshold" $rule.alert) }}
{{- $old := trimSuffix " # threshold" $marked }}
{{- /* Helm reads a number as a float, and would write a million as 1e+06. */}}
{{- $new := kindIs "string" $own.threshold | ternary $own.threshold (toJson $own.threshold) }}
{{- $_ := set $rule "expr" (replace $marked (print $new " # threshold") $rule.expr) }}
{{- $_ := set $rule.annotations "description" (replace (printf "threshold %s" $old) (print "threshold " $new) $rule.annotations.description) }}
{{- end }}
{{- $_ := set $rule.annotations "runbook_url" (print $values.runbookBase $rule.annotations.runbook_url) }}
{{- $_ := set $rule.annotations "dashboard_url" (replace "d/virt-" (print $values.dashboardBase "d/virt-") $rule.annotations.dashboard_url) }}
{{- $rules = append $rules $rule }}
{{- end }}
{{- end }}
{{- if $rules }}
{{ toYaml (list (dict "name" $group.name "rules" $rules)) }}
{{- end }}
{{- end }}
{{- end }}
