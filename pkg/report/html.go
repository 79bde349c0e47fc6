package report

import (
	"html/template"
	"io"
	"strings"
)

// writeHTML writes one page without scripts, and without anything that a browser loads from elsewhere.
func writeHTML(w io.Writer, d document) error {
	functions := template.FuncMap{
		"join":  func(texts []string) string { return strings.Join(texts, ", ") },
		"class": func(status string) string { return strings.ReplaceAll(status, " ", "-") },
		"sign": func(sign string) string {
			return map[string]string{"+": "add", "-": "remove", "=": "keep", "?": "unresolved"}[sign]
		},
	}
	t, err := template.New("page").Funcs(functions).Parse(htmlPage)
	if err != nil {
		return err
	}
	return t.Execute(w, d)
}

// htmlPage is the template of a page. html/template escapes every value for the place where it stands.
const htmlPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>callroll: {{.Title}}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; width: 100% }
td, th { border-bottom: 1px solid #8884; padding: .25rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
.add td:first-child { color: #1a7f37 } .remove td:first-child { color: #cf222e }
.keep td:first-child { color: #0969da } .unresolved td:first-child { color: #9a6700 }
.refused, .incomplete, .missing, .conflict, .rejected, .denied, .unavailable, .not-applied, .stale { color: #cf222e }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
{{range .Facts}}<p>{{.}}</p>
{{end}}{{with .Notes}}<ul>
{{range .}}<li>{{.}}</li>
{{end}}</ul>
{{end}}<p><strong>{{.Total}}</strong></p>
{{with .Table}}<table>
<tr>{{range $.Header}}<th>{{.}}</th>{{end}}</tr>
{{range .}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>
{{end}}</table>
{{end}}{{range .Groups}}<h2>{{.Title}}</h2>
<p class="{{class .Status}}">{{.Head}}</p>
{{with .Messages}}<ul>
{{range .}}<li>{{.}}</li>
{{end}}</ul>
{{end}}{{with .Names}}<p>{{join .}}</p>
{{end}}{{with .People}}<table>
<tr><th></th><th>userName</th><th>name</th><th>note</th></tr>
{{range .}}<tr class="{{sign .Sign}}"><td>{{.Sign}}</td><td>{{.Who}}</td><td>{{.Name}}</td><td>{{.Note}}</td></tr>
{{end}}</table>
{{end}}{{range .Left}}<p>{{.}}</p>
{{end}}{{end}}{{with .People}}<h2>People in several groups</h2>
<table>
<tr><th></th><th>userName</th><th>name</th><th>note</th><th>groups</th></tr>
{{range .}}<tr class="{{sign .Sign}}"><td>{{.Sign}}</td><td>{{.Who}}</td><td>{{.Name}}</td><td>{{.Note}}</td><td>{{join .Groups}}</td></tr>
{{end}}</table>
{{end}}{{with .Left}}<p>{{.}}</p>
{{end}}</body>
</html>
`
