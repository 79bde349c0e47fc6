package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// release is what the tests read of .goreleaser.yaml. GoReleaser itself checks the form of the file.
type release struct {
	Before   struct{ Hooks []string }
	Archives []struct {
		Files []struct{ Src, Dst string }
	}
	Packages []packageFiles                `yaml:"nfpms"`
	Images   []struct{ Dockerfile string } `yaml:"dockers_v2"`
	Signs    []struct{ Artifacts string }
}

type packageFiles struct {
	Bindir   string
	Formats  []string
	Scripts  map[string]string
	Contents []packagedFile
}

type packagedFile struct {
	Src, Dst, Type, Packager string
	Info                     struct {
		Mode         uint32
		Owner, Group string
	} `yaml:"file_info"`
}

func releaseConfiguration(t *testing.T) release {
	t.Helper()
	var r release
	if err := yaml.Unmarshal([]byte(projectFile(t, ".goreleaser.yaml")), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Archives) != 1 || len(r.Packages) != 1 || len(r.Images) != 1 {
		t.Fatalf("%d archives, %d packages, %d images; want one of each", len(r.Archives), len(r.Packages), len(r.Images))
	}
	return r
}

// content returns the file or folder of the package at a path.
func (p packageFiles) content(t *testing.T, dst string) packagedFile {
	t.Helper()
	i := slices.IndexFunc(p.Contents, func(f packagedFile) bool { return f.Dst == dst })
	if i < 0 {
		t.Fatalf("the package has no %s", dst)
	}
	return p.Contents[i]
}

// Each file that a release takes from the project exists. What is in .build is made by the hook.
func TestReleaseFiles(t *testing.T) {
	r := releaseConfiguration(t)
	sources := []string{r.Images[0].Dockerfile}
	for _, f := range r.Archives[0].Files {
		sources = append(sources, f.Src)
	}
	for _, f := range r.Packages[0].Contents {
		sources = append(sources, f.Src)
	}
	for _, src := range sources {
		if src == "" || strings.HasPrefix(src, ".build/") || src == "LICENSE*" {
			continue
		}
		if found, err := filepath.Glob(filepath.Join("../..", src)); err != nil || len(found) == 0 {
			t.Errorf("there is no %s: %v", src, err)
		}
	}
	for _, script := range append(slices.Collect(maps.Values(r.Packages[0].Scripts)), r.Before.Hooks[1]) {
		info, err := os.Stat(filepath.Join("../..", script))
		if err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be run: %v", script, err)
		}
	}
}

// An installation creates the user before it unpacks files that belong to them.
func TestPackagedUser(t *testing.T) {
	line := projectFile(t, ".packaging/callroll.sysusers")
	packages := releaseConfiguration(t).Packages[0]
	script := projectFile(t, packages.Scripts["preinstall"])
	file := packages.content(t, "/usr/lib/sysusers.d/callroll.conf")
	if !strings.Contains(script, "\n"+line+"END\n") || !strings.Contains(script, "--replace="+file.Dst+" ") {
		t.Errorf("%s does not create the user of %s:\n%s", packages.Scripts["preinstall"], file.Src, script)
	}
	for _, f := range packages.Contents {
		for _, name := range []string{f.Info.Owner, f.Info.Group} {
			if name != "" && name != "root" && name != strings.Fields(line)[1] {
				t.Errorf("%s belongs to %s", f.Dst, name)
			}
		}
	}
}

// The image runs as the user of the CronJob in docs, and has the program where the CronJob calls it.
func TestImage(t *testing.T) {
	var job struct {
		Spec struct {
			JobTemplate struct {
				Spec struct {
					Template struct {
						Spec struct {
							SecurityContext struct {
								User int `yaml:"runAsUser"`
							} `yaml:"securityContext"`
							Containers []struct{ Command []string }
						}
					}
				}
			} `yaml:"jobTemplate"`
		}
	}
	if err := yaml.Unmarshal([]byte(documents(t, reviewFile(t, "callroll-cronjob.yaml"))["CronJob"]), &job); err != nil {
		t.Fatal(err)
	}
	pod := job.Spec.JobTemplate.Spec.Template.Spec
	instructions := map[string]string{}
	for line := range strings.Lines(projectFile(t, releaseConfiguration(t).Images[0].Dockerfile)) {
		if name, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			if _, twice := instructions[name]; twice {
				t.Errorf("two instructions %s", name)
			}
			instructions[name] = rest
		}
	}
	var entry []string
	err := json.Unmarshal([]byte(instructions["ENTRYPOINT"]), &entry)
	if err != nil || !slices.Equal(entry, pod.Containers[0].Command[:1]) {
		t.Errorf("the image runs %q, and the job %q: %v", entry, pod.Containers[0].Command, err)
	}
	if want := "$TARGETPLATFORM/callroll " + entry[0]; instructions["COPY"] != want {
		t.Errorf("the image copies %q, want %q", instructions["COPY"], want)
	}
	if user, _, _ := strings.Cut(instructions["USER"], ":"); user != strconv.Itoa(pod.SecurityContext.User) {
		t.Errorf("the image runs as %s, and the job as %d", user, pod.SecurityContext.User)
	}
	// This image has the CA roots.
	if !regexp.MustCompile(`^gcr\.io/distroless/static-debian\d+:nonroot$`).MatchString(instructions["FROM"]) {
		t.Errorf("the image is made from %s", instructions["FROM"])
	}
}
