package config

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// checkOwners returns an error if somebody other than SYSTEM, the Administrators, the installer of Windows and the user of this
// process owns the file or its folder, or may change them. Every user may make folders in %ProgramData%, and a configuration of
// theirs could name a command, which a task would run as SYSTEM.
func checkOwners(path string) error {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return unknownError{fmt.Errorf("the user of this process is not known: %w", err)}
	}
	for _, one := range []struct {
		what, path string
		folder     bool
	}{{"its folder", filepath.Dir(path), true}, {"it", path, false}} {
		a, link, err := accessOf(one.path)
		if err != nil {
			return unknownError{fmt.Errorf("it is not known who may change %s: %w", one.path, err)}
		}
		if link {
			return foreignError{one.what + " is a link to another place"}
		}
		if account := a.foreign(user.User.Sid.String(), one.folder); account != "" {
			return foreignError{fmt.Sprintf("%s is owned or may be changed by %s, and not only by SYSTEM, the Administrators or you",
				one.what, accountName(account))}
		}
	}
	return nil
}

// accessOf reads who owns a file or a folder and who may change it, and whether it is a link, which is not followed.
func accessOf(path string) (a access, link bool, err error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return a, false, err
	}
	const anybodyMeanwhile = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	handle, err := windows.CreateFile(name, windows.READ_CONTROL|windows.FILE_READ_ATTRIBUTES, anybodyMeanwhile, nil, windows.OPEN_EXISTING,
		windows.FILE_FLAG_OPEN_REPARSE_POINT|windows.FILE_FLAG_BACKUP_SEMANTICS, 0) // the latter opens folders
	if err != nil {
		return a, false, err
	}
	var info windows.ByHandleFileInformation
	infoErr := windows.GetFileInformationByHandle(handle, &info)
	security, err := windows.GetSecurityInfo(handle, windows.SE_FILE_OBJECT,
		windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err := errors.Join(infoErr, err, windows.CloseHandle(handle)); err != nil {
		return a, false, err
	}
	a, err = readAccess(security)
	return a, info.FileAttributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0, err
}

// readAccess reads a security descriptor.
func readAccess(security *windows.SECURITY_DESCRIPTOR) (access, error) {
	owner, _, err := security.Owner()
	if err != nil {
		return access{}, err
	}
	a := access{owner: owner.String()}
	dacl, _, err := security.DACL()
	if errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND) || err == nil && dacl == nil {
		a.open = true
		return a, nil
	}
	if err != nil {
		return a, err
	}
	for i := range dacl.AceCount {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(dacl, uint32(i), &ace); err != nil {
			return a, err
		}
		entry := accessEntry{kind: ace.Header.AceType, flags: ace.Header.AceFlags, rights: uint32(ace.Mask)}
		switch entry.kind { // others have no account at this place
		case allows, allowsIf, denies, deniesIf:
			entry.account = (*windows.SID)(unsafe.Pointer(&ace.SidStart)).String()
		default:
			entry.account = fmt.Sprintf("an entry of the kind %d", entry.kind)
		}
		a.entries = append(a.entries, entry)
	}
	return a, nil
}

// foreignError says that somebody else could decide what the configuration of the system says.
type foreignError struct{ why string }

func (e foreignError) Error() string { return e.why + ", so that callroll does not read the file" }

func (e foreignError) Hint() string {
	return "name the file with --config; or look who made the folder and what is in it, and secure it as callroll init --schedule " +
		"windows says"
}

// unknownError says that it cannot be read who could decide that.
type unknownError struct{ error }

func (unknownError) Hint() string { return "name the file with --config" }

// accountName returns the name of an account, or the SID itself if it has none here.
func accountName(account string) string {
	sid, err := windows.StringToSid(account)
	if err != nil {
		return account
	}
	name, domain, _, err := sid.LookupAccount("")
	if err != nil || domain == "" {
		return cmp.Or(name, account)
	}
	return domain + `\` + name
}
