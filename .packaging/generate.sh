#!/bin/sh
# Writes what packages and archives contain besides the program into the folder .build: manual pages and completions.
# GoReleaser calls it before it builds.
set -eu
cd "$(dirname "$0")/.."
rm -rf .build
mkdir -p .build/man .build/completions .build/licence
go build -buildvcs=true -o .build/callroll ./cmd/callroll
.build/callroll man .build/man
gzip -9n .build/man/*.1
for shell in bash zsh fish powershell; do
	.build/callroll completion "$shell" >".build/completions/callroll.$shell"
done
rm .build/callroll
# Without a LICENSE the folder stays empty.
if [ -f LICENSE ]; then
	cp LICENSE .build/licence/LICENSE
fi
