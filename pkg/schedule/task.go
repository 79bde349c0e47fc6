package schedule

import (
	"encoding/xml"
	"strings"
)

// windowsFolder is where the configuration, the secrets and the state folder are on Windows.
const windowsFolder = `C:\ProgramData\callroll`

// taskXML is a task (Microsoft, "Task Scheduler Schema"). It has only what callroll needs.
type taskXML struct {
	XMLName     xml.Name `xml:"http://schemas.microsoft.com/windows/2004/02/mit/task Task"`
	Version     string   `xml:"version,attr"`
	Description string   `xml:"RegistrationInfo>Description"`
	Start       string   `xml:"Triggers>TimeTrigger>StartBoundary"`
	Interval    string   `xml:"Triggers>TimeTrigger>Repetition>Interval"`
	Principal   struct {
		ID       string `xml:"id,attr"`
		UserID   string `xml:"UserId"`
		RunLevel string
	} `xml:"Principals>Principal"`
	Settings struct {
		MultipleInstancesPolicy    string
		DisallowStartIfOnBatteries bool
		StopIfGoingOnBatteries     bool
		StartWhenAvailable         bool
		RunOnlyIfNetworkAvailable  bool
		ExecutionTimeLimit         string
	}
	Actions struct {
		Context string `xml:"Context,attr"`
		Exec    struct{ Command, Arguments string }
	}
}

// task returns a task that runs as SYSTEM. It has no declaration of an encoding, so that the file may be UTF-8 or, as
// PowerShell writes it, UTF-16.
func task(c Command) (string, error) {
	t := taskXML{
		Version:     "1.2",
		Description: "Give Genesys Cloud groups the members of Entra groups",
		Start:       "2026-01-01T00:00:00Z", // a time in the past, so that the task is repeated from now on
		Interval:    "PT15M",
	}
	t.Principal.ID, t.Principal.UserID, t.Principal.RunLevel = "System", "S-1-5-18", "LeastPrivilege"
	t.Settings.MultipleInstancesPolicy = "IgnoreNew"
	t.Settings.StartWhenAvailable = true
	t.Settings.RunOnlyIfNetworkAvailable = true
	t.Settings.ExecutionTimeLimit = "PT15M"
	t.Actions.Context = t.Principal.ID
	t.Actions.Exec.Command = c.Program
	t.Actions.Exec.Arguments = `sync --quiet --config "` + c.Config + `" --out "` + folderOf(c.Config) + `\last-run.json"`
	out, err := xml.MarshalIndent(t, "", "  ")
	return string(out) + "\n", err
}

// folderOf returns the folder of a file of Windows.
func folderOf(file string) string {
	return strings.TrimRight(file[:strings.LastIndexAny(file, `\/`)+1], `\/`)
}
