{{- define "mcp-server.labels" -}}
app.kubernetes.io/name: mcp-server
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mcp-server.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 }}{{ else }}{{ printf "%s-%s" (.Release.Name | trunc 39) .Chart.Name }}{{ end }}
{{- end }}
