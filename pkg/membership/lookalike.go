package membership

import (
	"strings"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"
)

// LookAlike returns the userName of an account that the person's userPrincipalName or mail only looks like: the names
// differ, and people who read them see the same (Unicode Technical Standard 39, section 4). It serves a report. Nobody is
// matched by it. Names in ASCII alone are not compared, because their letters and digits would be taken for each other.
func (d *Directory) LookAlike(p *Person) (userName string, found bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range []string{p.UserPrincipalName, p.Mail} {
		for _, a := range d.lookAlikes(isASCII(name))[skeleton(name)] {
			if name != "" && !SameName(a.UserName, name) {
				return a.UserName, true
			}
		}
	}
	return "", false
}

// LookTheSame says whether people who read two names see the same.
func LookTheSame(a, b string) bool { return skeleton(a) == skeleton(b) }

// MayLookAlike says whether a name of a person has other than ASCII characters, so that it may look like another name.
func MayLookAlike(p *Person) bool { return !isASCII(p.UserPrincipalName) || !isASCII(p.Mail) }

// lookAlikes finds accounts by what their userName looks like: those with other than ASCII characters, or all of them. Most runs
// never ask.
func (d *Directory) lookAlikes(unusual bool) map[string][]*Account {
	if index := d.likes[unusual]; index != nil {
		return index
	}
	index := map[string][]*Account{}
	for i := range d.accounts {
		a := &d.accounts[i]
		if !unusual || !isASCII(a.UserName) {
			like := skeleton(a.UserName)
			index[like] = append(index[like], a)
		}
	}
	if d.likes == nil {
		d.likes = map[bool]map[string][]*Account{}
	}
	d.likes[unusual] = index
	return index
}

// skeleton is what two names that look the same have in common: compatibility characters and all white space are made plain
// first, because U+212A is a k in another font.
func skeleton(name string) string {
	plain := strings.ReplaceAll(strings.ToLower(norm.NFKC.String(name)), "i\u0307", "i") // U+0130 in lower case
	return confusables.Skeleton(strings.Join(strings.Fields(plain), ""))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
