package config

import "strings"

// searched returns the files that are searched if the user names none, in their order: callroll.yaml in the working directory,
// and the one of the system. On Windows the latter is in %ProgramData%, on other systems in /etc.
func searched(system string, env map[string]string) []string {
	if system != "windows" {
		return []string{"callroll.yaml", "/etc/callroll/callroll.yaml"}
	}
	files := []string{"callroll.yaml"}
	if dir := programData(env); dir != "" {
		files = append(files, dir+`\callroll\callroll.yaml`)
	}
	return files
}

// programData returns the folder of %ProgramData%, or "" if the variable is not an absolute path with a drive: anything else
// depends on the working directory. The names of variables have no case on Windows.
func programData(env map[string]string) string {
	for name, value := range env {
		dir := strings.TrimRight(value, `\/`)
		if strings.EqualFold(name, "ProgramData") && len(dir) > 3 && dir[1] == ':' && (dir[2] == '\\' || dir[2] == '/') {
			return dir
		}
	}
	return ""
}
