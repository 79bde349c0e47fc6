package sandbox_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/callroll/callroll/pkg/sandbox"
)

const wireDir = "../../testdata/wire"

// TestWire compares the sandbox with the samples, whose README describes their format.
func TestWire(t *testing.T) {
	samples, err := filepath.Glob(filepath.Join(wireDir, "*-*.txtar"))
	if err != nil || len(samples) < 25 {
		t.Fatalf("%d samples, %v", len(samples), err)
	}
	for _, path := range samples {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			files := archive(t, path)
			w := wireWorld(t, files)
			token := wireToken(t, w, files["request"])
			next := ""
			for i := 1; ; i++ {
				number := ""
				if i > 1 {
					number = fmt.Sprintf(" %d", i)
				}
				request, ok := files["request"+number]
				if !ok {
					break
				}
				request = bytes.ReplaceAll(request, []byte("<token>"), []byte(token))
				request = bytes.ReplaceAll(request, []byte("<next>"), []byte(next))
				next = compare(t, exchange(t, w, request), files["response"+number])
			}
		})
	}
}

func archive(t *testing.T, path string) map[string][]byte {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range a.Files {
		files[f.Name] = f.Data
	}
	return files
}

// wireWorld returns the common world with the changes of one sample.
func wireWorld(t *testing.T, files map[string][]byte) *sandbox.World {
	t.Helper()
	var entra sandbox.Entra
	var genesys sandbox.Genesys
	var faults []sandbox.Fault
	into := func(data []byte, v any) {
		if len(data) == 0 {
			return
		}
		if err := json.Unmarshal(data, v); err != nil {
			t.Fatal(err)
		}
	}
	common := archive(t, filepath.Join(wireDir, "world.txtar"))
	into(common["entra.json"], &entra)
	into(common["genesys.json"], &genesys)
	into(files["entra.json"], &entra)
	into(files["genesys.json"], &genesys)
	into(files["faults.json"], &faults)
	w := sandbox.New(entra, genesys)
	if err := w.SetFaults(faults); err != nil {
		t.Fatal(err)
	}
	return w
}

func wireToken(t *testing.T, w *sandbox.World, request []byte) string {
	t.Helper()
	header := ""
	switch {
	case !bytes.Contains(request, []byte("<token>")):
		return ""
	case bytes.Contains(request, []byte("https://graph.")):
		header = graphToken(t, w)
	default:
		header = genesysToken(t, w)
	}
	return strings.Fields(header)[2]
}

func exchange(t *testing.T, w *sandbox.World, request []byte) answer {
	t.Helper()
	head, body, _ := bytes.Cut(request, []byte("\n\n"))
	lines := strings.Split(strings.TrimSpace(string(head)), "\n")
	first := strings.Fields(lines[0])
	return ask(t, w, first[0], first[1], strings.TrimSpace(string(body)), lines[1:]...)
}

// compare compares an answer with a sample of it, and returns the next link, if there is one.
func compare(t *testing.T, got answer, sample []byte) (next string) {
	t.Helper()
	want, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(append(sample, '\n'))), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Body.Close()
	if got.status != want.StatusCode {
		t.Errorf("status %d, want %d", got.status, want.StatusCode)
	}
	for name := range want.Header {
		if !matches(want.Header.Get(name), got.header.Get(name)) {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want.Header.Get(name))
		}
	}
	text, err := io.ReadAll(want.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		if got.text != "" {
			t.Errorf("body %s, want none", got.text)
		}
		return ""
	}
	var body any
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	var have any
	_ = json.Unmarshal([]byte(got.text), &have) // what is not JSON does not match; a number that is plain text is JSON too
	if !matches(body, have) {
		t.Errorf("body\n%s\nwant\n%s", got.text, text)
	}
	next, _ = got.at("@odata.nextLink").(string)
	return next
}

// matches reports whether a value is as in a sample. The order of lists is ignored.
func matches(want, got any) bool {
	switch want := want.(type) {
	case string:
		text, ok := got.(string)
		before, after, free := strings.Cut(strings.ReplaceAll(want, "<next>", "<any>"), "<any>")
		if !free {
			return ok && text == want
		}
		return ok && len(text) > len(before)+len(after) && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok || len(object) != len(want) {
			return false
		}
		for name, value := range want {
			if have, ok := object[name]; !ok || !matches(value, have) {
				return false
			}
		}
		return true
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return false
		}
		left := append([]any{}, list...)
		for _, value := range want {
			at := 0
			for at < len(left) && !matches(value, left[at]) {
				at++
			}
			if at == len(left) {
				return false
			}
			left = append(left[:at], left[at+1:]...)
		}
		return true
	}
	return want == got
}

func TestWireSamplesSayWhoTheyAre(t *testing.T) {
	samples, _ := filepath.Glob(filepath.Join(wireDir, "*-*.txtar"))
	for _, path := range samples {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		comment, _, _ := strings.Cut(string(data), "-- ")
		if side, _, _ := strings.Cut(filepath.Base(path), "-"); side != "graph" && side != "genesys" || len(comment) < 10 {
			t.Errorf("%s: a sample is named by its side and begins with what it shows", path)
		}
	}
}
