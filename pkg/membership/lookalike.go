package membership

import (
	"strings"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"
)

// LookAlike returns the userName of an account that is different from the person's userPrincipalName and mail, and looks
// the same as one of them (Unicode Technical Standard 39, section 4). It is for reports; nobody is matched by it. Two
// names in ASCII are not compared, because similar ASCII letters and digits would be taken for each other.
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

// LookTheSame says whether two names look the same.
func LookTheSame(a, b string) bool { return skeleton(a) == skeleton(b) }

// MayLookAlike says whether a name of a person has characters outside ASCII, so that it may look like another name.
func MayLookAlike(p *Person) bool { return !isASCII(p.UserPrincipalName) || !isASCII(p.Mail) }

// lookAlikes returns the accounts by the skeleton of their userName: all of them, or only those with characters outside
// ASCII. The index is built by the first call, because most runs need none.
func (d *Directory) lookAlikes(nonASCII bool) map[string][]*Account {
	if index := d.lookAlikeIndex[nonASCII]; index != nil {
		return index
	}
	index := map[string][]*Account{}
	for i := range d.accounts {
		a := &d.accounts[i]
		if !nonASCII || !isASCII(a.UserName) {
			key := skeleton(a.UserName)
			index[key] = append(index[key], a)
		}
	}
	d.lookAlikeIndex[nonASCII] = index
	return index
}

// skeleton returns the same text for names that look the same. Compatibility characters and white space are normalized
// first, because U+212A, for example, looks like a k.
func skeleton(name string) string {
	plain := strings.ReplaceAll(strings.ToLower(norm.NFKC.String(name)), "i\u0307", "i") // U+0130 in lower case
	return confusables.Skeleton(strings.Join(strings.Fields(plain), ""))
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
