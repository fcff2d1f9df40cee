{{/* Name of the chart, or what replaces it. */}}
{{- define "cso.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Name of everything that belongs to the release. */}}
{{- define "cso.fullname" -}}
{{- $name := include "cso.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Name of cluster-scoped objects: two releases of one name may live in two namespaces. */}}
{{- define "cso.clusterScoped" -}}
{{- printf "%s.%s" (include "cso.fullname" .) .Release.Namespace }}
{{- end }}

{{- define "cso.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "cso.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is required when serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "cso.selector" -}}
app.kubernetes.io/name: {{ include "cso.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cso.labels" -}}
{{ include "cso.selector" . }}
app.kubernetes.io/component: operator
{{ include "cso.commonLabels" . }}
{{- end }}

{{- define "cso.commonLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: cloud-scaling-operator
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The simulator has a name of its own, so that nothing that selects the operator selects it too. */}}
{{- define "cso.simulator" -}}
{{- printf "%s-simulator" (include "cso.fullname" . | trunc 53 | trimSuffix "-") }}
{{- end }}

{{- define "cso.simulatorSelector" -}}
app.kubernetes.io/name: {{ printf "%s-simulator" (include "cso.name" . | trunc 53 | trimSuffix "-") }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What runs before the release is uninstalled: no selector of the operator may choose its pod. */}}
{{- define "cso.uninstall" -}}
{{- printf "%s-uninstall" (include "cso.fullname" . | trunc 53 | trimSuffix "-") }}
{{- end }}

{{- define "cso.uninstallLabels" -}}
app.kubernetes.io/name: {{ printf "%s-uninstall" (include "cso.name" . | trunc 53 | trimSuffix "-") }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: uninstall
{{ include "cso.commonLabels" . }}
{{- end }}

{{/* Reference of an image; given its values and the version that stands in for a tag. */}}
{{- define "cso.image" -}}
{{- if .image.digest }}
{{- printf "%s@%s" .image.repository .image.digest }}
{{- else }}
{{- printf "%s:%s" .image.repository (default .version .image.tag) }}
{{- end }}
{{- end }}

{{/* Values that are fine one by one but not together. */}}
{{- define "cso.check" -}}
{{- if and .Values.watchNamespaces (not .Values.clusterName) }}
{{- fail "clusterName is required when watchNamespaces is set: without rights in the whole cluster the operator cannot read the UID of kube-system, which would be its default" }}
{{- end }}
{{- end }}

{{/* What the operator may do in a namespace that it watches; nothing of it can be left out. */}}
{{- define "cso.watchRules" -}}
# The kinds it serves. patch on the object itself is for the finalizer.
- apiGroups: [cloudscaling.dev]
  resources: [cloudaccounts, launchconfigurations, scalinggroups, scalingpolicies, instanceoperations]
  verbs: [get, list, watch, patch]
- apiGroups: [cloudscaling.dev]
  resources:
    - cloudaccounts/status
    - launchconfigurations/status
    - scalinggroups/status
    - scalingpolicies/status
    - instanceoperations/status
  verbs: [patch]
# An operation may say how long it stays after its end.
- apiGroups: [cloudscaling.dev]
  resources: [instanceoperations]
  verbs: [delete]
# To fill in spec.desiredCapacity of a group that an autoscaler shall drive.
- apiGroups: [cloudscaling.dev]
  resources: [scalinggroups/scale]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
# By name only, as its objects refer to them: no list, no watch.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get{{ if .Values.credentials.protectSecrets }}, patch{{ end }}]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get]
{{- end }}
