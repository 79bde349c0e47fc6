#!/bin/sh
# /etc/callroll and the journal in /var/lib/callroll stay. They say who was in which group.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
