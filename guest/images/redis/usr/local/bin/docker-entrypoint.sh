#!/bin/sh
# `docker run redis --appendonly yes` and `docker run redis my.conf` mean options of redis-server.
set -e

if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi

# Started as root: give the data to redis and become it. `--user` chooses another account before this script runs.
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi

# What is written is for its owner alone, unless another umask was chosen.
if [ "$(umask)" = 0022 ]; then
  umask 0077
fi

# A container's network is its own: redis must answer there without a password, unless a configuration says otherwise.
if [ "$1" = redis-server ]; then
  case ${2-} in
    *.conf | -v | --version | -h | --help | --test-memory | --check-system) ;;
    *)
      shift
      set -- redis-server --protected-mode no "$@"
      ;;
  esac
fi

exec "$@"
