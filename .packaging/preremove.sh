#!/bin/sh
# dpkg passes "upgrade" and rpm passes 1 if a newer version takes the place of this one. The timer then goes on.
set -e
case "$1" in
remove | deconfigure | 0)
	if [ -d /run/systemd/system ]; then
		systemctl disable --now callroll.timer
	fi
	;;
esac
