package schedule

// Step is something to do with an entry.
type Step struct {
	Text    string
	Command string // a line to copy as it is: a command, the address of a page or an interval; empty if there is none
}

// Steps says what to do with an entry, in this order.
func Steps(f Format, c Command) []Step {
	switch f {
	case Cron:
		return cronSteps(c)
	case Systemd:
		return systemdSteps(c)
	case Windows:
		return windowsSteps(c)
	case Kubernetes:
		return kubernetesSteps(c)
	case GitHub:
		return gitHubSteps()
	case AzureDevOps:
		return azureDevOpsSteps()
	case GitLab:
		return gitLabSteps()
	}
	return nil
}

func cronSteps(c Command) []Step {
	return []Step{
		{"make a user of its own, who owns the configuration, the files of the secrets and the state folder, for example callroll", ""},
		{"set state_dir in the configuration, for example to /var/lib/callroll: without it, a run by hand as another user has " +
			"another journal", ""},
		{byHand, "sudo -u callroll " + quoteShell(c.Program) + " diff --config " + quoteShell(c.Config)},
		{"append the line to the crontab of that user", "sudo crontab -u callroll -e"},
	}
}

// byHand is the step before the scheduler runs callroll for the first time.
const byHand = "run it once by hand before; diff says what a run would change, and changes nothing"

func systemdSteps(c Command) []Step {
	var install []Step
	program := c.Program
	if Systemd.replaces(program) {
		program = Systemd.Default().Program
		install = []Step{{"copy " + c.Program + ", which the service cannot see, to " + program, ""}}
	}
	return append(install,
		Step{"write each unit into the file that its first line names", ""},
		Step{"the service runs as a user that exists only while it runs: let everybody read the configuration, which has no secret",
			"chmod 644 " + quoteShell(c.Config)},
		Step{"put the secrets into /etc/callroll/entra and /etc/callroll/genesys (root, mode 0600), and name them in the " +
			"configuration: client_secret_file: ${CREDENTIALS_DIRECTORY}/entra and ${CREDENTIALS_DIRECTORY}/genesys", ""},
		Step{byHand, "CREDENTIALS_DIRECTORY=/etc/callroll " + quoteShell(program) + " diff --config " + quoteShell(c.Config)},
		Step{"start the timer", "systemctl daemon-reload && systemctl enable --now callroll.timer"},
	)
}

func windowsSteps(c Command) []Step {
	first := "the task runs as SYSTEM; do the rest as administrator"
	if Windows.replaces(c.Program) {
		first += ", beginning with a copy of " + c.Program + ", which other users may replace, to " + Windows.Default().Program
	}
	folder := folderOf(c.Config)
	return []Step{
		{first, ""},
		{"set state_dir: " + folder + `\state in the configuration, so that each run finds the same journal`, ""},
		{"if the folder of the configuration, the secrets and the state is there already, look who made it and what is in it; take " +
			"what you keep from its owners", `icacls "` + folder + `" /setowner "*S-1-5-32-544" /T`},
		{"remove the rights that others gave to it", `icacls "` + folder + `" /reset /T`},
		{"let in only SYSTEM and Administrators, before a secret is there",
			`icacls "` + folder + `" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F"`},
		{byHand, `callroll diff --config "` + c.Config + `"`},
		{"write the XML into callroll.xml, and make the task", "schtasks /Create /TN callroll /XML callroll.xml"},
		{"each run leaves its result in last-run.json there", `callroll show "` + folder + `\last-run.json"`},
	}
}
