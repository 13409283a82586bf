#!/bin/sh
# Prepares nginx's configuration with what lies in /docker-entrypoint.d, then becomes the command.
# NGINX_ENTRYPOINT_QUIET_LOGS keeps it silent.
set -e

say() {
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS-}" ] || echo "$0: $*"
}

# The loop is a process of its own: what an .envsh sets is known to the scripts after it, not to nginx.
prepare() {
  say "Looking for shell scripts in /docker-entrypoint.d/"
  find /docker-entrypoint.d/ -follow -type f | sort -V | while read -r step; do
    case $step in
      *.envsh | *.sh)
        if [ ! -x "$step" ]; then
          say "Ignoring $step, not executable"
        elif [ "${step%.envsh}" != "$step" ]; then
          say "Sourcing $step"
          . "$step"
        else
          say "Launching $step"
          "$step"
        fi
        ;;
      *) say "Ignoring $step" ;;
    esac
  done
  say "Configuration complete; ready for start up"
}

case ${1-} in
  nginx | nginx-debug)
    if [ -n "$(find /docker-entrypoint.d/ -mindepth 1 -maxdepth 1 -type f -print -quit 2>/dev/null)" ]; then
      say "/docker-entrypoint.d/ is not empty, will attempt to perform configuration"
      prepare
    else
      say "No files found in /docker-entrypoint.d/, skipping configuration"
    fi
    ;;
esac

exec "$@"
