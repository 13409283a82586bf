#!/bin/sh
# `docker run redis --appendonly yes` and `docker run redis my.conf` mean options of redis-server.
set -e

if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
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

# Started as root: give the data to redis and become it.
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --clear-groups -- "$@"
fi

exec "$@"
