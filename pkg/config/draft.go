package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Draft is a configuration that is being written: the values of keys outside of groups, and the text of the entries. [Load]
// reads its text like that of any other file. The zero value has no keys.
type Draft struct {
	values map[string]any
	notes  map[string]string

	// Groups is the YAML of the entries, indented as a value of groups is. Whoever sets it makes sure that names of groups, which
	// are foreign text, do not end a comment or a value in it.
	Groups string
}

// Set sets a key outside of groups from text, which is written as in an environment variable: a list has the form [a, b] or a, b.
// The error does not name the key.
func (d *Draft) Set(key, text string) error {
	s, known := find(new(Config).settings(), key)
	switch {
	case !known:
		return fmt.Errorf("%s is no key of the configuration", key)
	case strings.ContainsFunc(text, unseen):
		return errors.New("it has a character that is not seen, such as a line break")
	}
	v, err := s.parse(text)
	if err != nil {
		return err
	}
	d.store(key, v)
	return nil
}

// unseen reports whether a character controls the terminal, the line or the direction of writing.
func unseen(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

func (d *Draft) store(key string, value any) {
	if d.values == nil {
		d.values = map[string]any{}
	}
	d.values[key] = value
}

// Get returns the value of a key as [Draft.Set] takes it. It is empty if the key is not set.
func (d *Draft) Get(key string) string {
	switch v := d.values[key].(type) {
	case nil:
		return ""
	case []string:
		return strings.TrimSuffix(string(flow(v)), "\n")
	default:
		return fmt.Sprint(v)
	}
}

// Copy takes a key from another draft, if it is set there.
func (d *Draft) Copy(key string, from *Draft) {
	if value, is := from.values[key]; is {
		d.store(key, value)
	}
}

// Delete removes a key and its note.
func (d *Draft) Delete(key string) {
	delete(d.values, key)
	delete(d.notes, key)
}

// Note writes a comment in the place of a key that is not set. The text has one line.
func (d *Draft) Note(key, text string) {
	if d.notes == nil {
		d.notes = map[string]string{}
	}
	d.notes[key] = text
}

// Take sets those of the keys that c has from its file or its environment, except texts that
// Set refuses. Paths become absolute.
func (d *Draft) Take(c *Config, keys []string) {
	for _, s := range c.settings() {
		if !slices.Contains(keys, s.name) || !c.Given(s.name) {
			continue
		}
		value := reflect.ValueOf(s.target).Elem().Interface()
		if path, is := c.paths()[s.name]; is {
			value = Absolute(*path)
		}
		if text, is := value.(string); is && (text == "" || strings.ContainsFunc(text, unseen)) {
			continue
		}
		d.store(s.name, value)
	}
}

// Text returns the draft as the text of a configuration, with comments. The entries come last, so that others can be appended.
func (d *Draft) Text() []byte {
	var b strings.Builder
	b.WriteString(aboutFile)
	section := ""
	for _, s := range inSections(new(Config).settings()) {
		value, is := d.values[s.name]
		note := d.notes[s.name]
		if !is && note == "" {
			continue
		}
		of, name, nested := strings.Cut(s.name, ".")
		indent := "  "
		if !nested {
			of, name, indent = "", s.name, ""
		}
		if of != section {
			fmt.Fprintf(&b, "\n%s:\n", of)
		}
		section = of
		if is {
			fmt.Fprintf(&b, "%s%s: %s", indent, name, flow(value))
		} else {
			fmt.Fprintf(&b, "%s# %s\n", indent, note)
		}
	}
	b.WriteString(aboutState + aboutGroups)
	if d.Groups == "" {
		b.WriteString(aboutNoGroup)
	}
	return []byte(b.String() + "groups:\n" + d.Groups)
}

// The comments of a new configuration. Their lines have 80 columns at most.
const (
	aboutFile = `# The configuration of callroll. callroll doctor checks it; callroll diff shows
# what a run would change.
# No secret belongs in this file: it names where each of them is.
`
	aboutState = `
# Without state_dir, the lock and the journal are in the state folder of the
# user who runs callroll.
# state_dir: /var/lib/callroll
`
	aboutGroups = `
# Each entry gives one Genesys group the members of one or more Entra groups.
# mode: add-only removes nobody. Remove that line when the report names only
# people who should go. protect: [breakglass@contoso.com] names people who
# always stay.
`
	aboutNoGroup = `# There is no entry yet. callroll map --same-name prints entries for the groups
# that have the same name on both sides, ready to append to this file. For
# others, callroll groups entra and callroll groups genesys list the ids:
#  - name: Support Tier 1
#    entra: 00000000-0000-0000-0000-000000000000    # the object id
#    genesys: 00000000-0000-0000-0000-000000000000
#    mode: add-only
`
)

// inSections returns settings with those that are in no section first: YAML has no way back out of one.
func inSections(settings []setting) []setting {
	slices.SortStableFunc(settings, func(a, b setting) int {
		return strings.Count(a.name, ".") - strings.Count(b.name, ".")
	})
	return settings
}

// flow returns a value in one line of YAML, with its line end.
func flow(value any) []byte {
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		panic(err) // a text, a list of texts, a number or a boolean
	}
	n.Style |= yaml.FlowStyle
	line, err := yaml.Marshal(&n)
	if err != nil {
		panic(err)
	}
	return line
}

// SecretVariable returns the name of the variable in env that has the secret of a key like genesys.client_secret_file. It is
// empty if none has it.
func SecretVariable(key string, env map[string]string) string {
	for _, name := range SecretVariablesOf(key) {
		if env[name] != "" {
			return name
		}
	}
	return ""
}

// SecretVariablesOf returns the names of the variables that may have the secret of a key like genesys.client_secret_file.
func SecretVariablesOf(key string) []string {
	return map[string][]string{
		"entra.client_secret_file":        append([]string{entraSecretVariable}, entraSecretAliases()...),
		"genesys.client_secret_file":      append([]string{genesysSecretVariable}, genesysSecretAliases()...),
		"entra.certificate_password_file": append([]string{passwordVariable}, passwordAliases()...),
	}[key]
}

// Variable returns the name of the variable of callroll that sets a key, and that overrides the file.
func Variable(key string) string { return setting{name: key}.variable() }
