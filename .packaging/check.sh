#!/usr/bin/env bash
# Checks the archives and packages that GoReleaser has built from the present commit: .packaging/check.sh [DIST]
# A tool that is missing is installed with apt-get. Nothing is installed from the packages.
set -euo pipefail
cd "$(dirname "$0")/.."
dist=${1:-dist}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { printf 'check: %s\n' "$*" >&2; exit 1; }

# need COMMAND PACKAGE
need() {
	command -v "$1" >/dev/null && return
	echo "check: installing $2 for $1"
	sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -qq
	$sudo apt-get install -qq --no-install-recommends "$2" >/dev/null
}

# same NAME WANT GOT
same() { [ "$2" = "$3" ] || { diff <(echo "$2") <(echo "$3") >&2 || true; fail "$1 differs"; }; }

checksums() {
	(cd "$dist" && sha256sum --quiet --strict --check checksums.txt)
	same "the list of files" \
		"$(printf '%s\n' {darwin,linux}_{amd64,arm64}.tar.gz linux_{amd64,arm64}.{deb,rpm} windows_{amd64,arm64}.zip | sort)" \
		"$(sed -n 's#^[0-9a-f]*  callroll_[^_]*_##p' "$dist/checksums.txt" | grep -v '\.sbom\.json$' | sort)"
}

archives() {
	local archive name files version
	for archive in "$dist"/*.tar.gz "$dist"/*.zip; do
		name=callroll
		case $archive in
		*.zip) name=callroll.exe files=$(unzip -Z1 "$archive") ;;
		*) files=$(tar -tf "$archive") ;;
		esac
		same "$archive" "$(printf '%s\n' "$name" README.md callroll.sample.yaml completions/callroll.{bash,fish,powershell,zsh} \
			docs/*.md man/callroll-{diff,push,sync}.1.gz man/callroll.1.gz $licence | sort)" \
			"$(grep -Ev '^man/callroll-' <<<"$files" | cat - <(grep -E '^man/callroll-(diff|push|sync).1' <<<"$files") | sort)"
	done
	mkdir "$work/archive"
	tar -xf "$dist"/*_linux_"$arch".tar.gz -C "$work/archive"
	cmp .packaging/callroll.yaml "$work/archive/callroll.sample.yaml"
	version=$("$work/archive/callroll" --version)
	[[ $version = *"commit $(git rev-parse HEAD)"* ]] || fail "the program is of another commit: $version"
	"$work/archive/callroll" sync --sandbox "$work/play" --summary >/dev/null 2>&1 || fail "the program does not run"
}

packages() {
	local root=$work/root deb=("$dist"/*_linux_"$arch".deb) rpm=("$dist"/*_linux_"$arch".rpm) files script
	dpkg-deb -x "${deb[0]}" "$root"
	dpkg-deb -e "${deb[0]}" "$work/control"
	cmp "$work/archive/callroll" "$root/usr/bin/callroll"
	files=$(dpkg-deb -c "${deb[0]}")
	grep -Eq '^drwxr-x--- root/callroll .* \./etc/callroll/$' <<<"$files" || fail "/etc/callroll has other rights"
	grep -Eq '^drwx------ callroll/callroll .* \./var/lib/callroll/$' <<<"$files" || fail "/var/lib/callroll has other rights"
	for script in preinst postinst prerm postrm; do sh -n "$work/control/$script"; done
	files=$(cd "$root" && find . -type f | sed 's/^\.//; s#zsh/vendor-completions#zsh/site-functions#' | sort)
	same "the files of the rpm" "$files" \
		"$(rpm -qpl --nosignature "${rpm[0]}" | grep -vE '^(/etc|/var/lib|/usr/share/doc)/callroll$' | sort)"
	[ -z "$licence" ] || cmp LICENSE "$root/usr/share/doc/callroll/LICENSE"
	units "$root"
	pages "$root"
}

# units ROOT: systemd-analyze prints what it ignores in a unit, and its status does not show that.
units() {
	local said
	mkdir -p "$work/units" "$1/etc"
	cp "$1"/usr/lib/systemd/system/callroll.* "$work/units"
	sed -i "s#^ExecStart=/#ExecStart=$1/#" "$work/units/callroll.service"
	said=$(systemd-analyze verify --man=no "$work"/units/* 2>&1) || fail "$said"
	! grep callroll <<<"$said" || fail "systemd-analyze verify has found something"
	systemd-analyze security --offline=true --no-pager --threshold=20 "$work/units/callroll.service" | tail -1
	systemd-sysusers --root="$1" "$1/usr/lib/sysusers.d/callroll.conf"
	grep -q '^callroll:.*:/var/lib/callroll:/usr/sbin/nologin$' "$1/etc/passwd" || fail "the user is another one"
}

# entries: what init --schedule prints is read by the scheduler's own parser, or by the linter of the format.
entries() {
	local said program=$work/archive/callroll
	mkdir -p "$work/entries/.github/workflows"
	"$program" init --schedule systemd --config /etc/callroll/callroll.yaml 2>/dev/null >"$work/entries/units" || fail "no units"
	csplit -s -f "$work/entries/unit" "$work/entries/units" '/^# .*callroll.timer$/'
	mv "$work/entries/unit00" "$work/entries/callroll.service"
	mv "$work/entries/unit01" "$work/entries/callroll.timer"
	sed -i "s#^ExecStart=[^ ]*#ExecStart=$program#" "$work/entries/callroll.service"
	said=$(systemd-analyze verify --man=no "$work"/entries/callroll.{service,timer} 2>&1) || fail "$said"
	! grep callroll <<<"$said" || fail "systemd-analyze verify has found something in the units of init"
	"$program" init --schedule cron --config /etc/callroll/callroll.yaml 2>/dev/null >"$work/entries/crontab" || fail "no crontab"
	crontab -n "$work/entries/crontab" 2>/dev/null || crontab -T "$work/entries/crontab" || fail "the crontab is not correct"
	"$program" init --schedule github 2>/dev/null >"$work/entries/.github/workflows/callroll.yaml" || fail "no workflow"
	go run "$actionlint" "$work/entries/.github/workflows/callroll.yaml"
}

# pages ROOT
pages() {
	local page said
	for page in "$1"/usr/share/man/man1/*.1.gz; do
		said=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
		[ -z "$said" ] || fail "$page: $said"
		said=$(LC_ALL=C.UTF-8 man -E UTF-8 -l "$page")
		grep -q 'EXIT STATUS' <<<"$said" || fail "$page has no text"
	done
}

# manifest FILE ARCHIVE
manifest() {
	local sum
	sum=$(sha256sum "$2" | cut -d' ' -f1)
	grep -qi "$sum" "$dist/$1" || fail "$1 lacks the checksum of $2"
}

manifests() {
	local file
	manifest homebrew/Casks/callroll.rb "$dist"/*_darwin_arm64.tar.gz
	manifest scoop/callroll.json "$dist"/*_windows_amd64.zip
	if [ -n "$licence" ]; then
		for file in "$dist"/winget/manifests/c/callroll/callroll/*/callroll.callroll.installer.yaml; do
			manifest "${file#"$dist/"}" "$dist"/*_windows_amd64.zip
		done
	else
		echo "check: there is no LICENSE, and so no manifest for winget"
	fi
}

actionlint=github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
need crontab cron; need dpkg-deb dpkg; need rpm rpm; need unzip unzip; need systemd-analyze systemd; need man man-db; need groff groff-base
arch=$(go env GOHOSTARCH)
licence=; [ ! -f LICENSE ] || licence=LICENSE
checksums
archives
packages
entries
[ "$dist" != dist ] || manifests
