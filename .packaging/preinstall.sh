#!/bin/sh
# The package has files of the group callroll, so the user and the group exist before the files. --replace leaves the user as
# the administrator has defined it in /etc/sysusers.d.
set -e
systemd-sysusers --replace=/usr/lib/sysusers.d/callroll.conf - <<'END'
u callroll - "callroll, synchronizes groups" /var/lib/callroll
END
