#!/bin/sh
# Where the kernel has IPv6, the configuration that came with the image listens on it too.
set -e

conf=/etc/nginx/conf.d/default.conf
# Of that configuration; the image's build fills it in.
md5=@DEFAULT_CONF_MD5@

say() {
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS-}" ] || echo "${0##*/}: info: $*"
}

if [ ! -f /proc/net/if_inet6 ]; then
  say "ipv6 not available"
elif [ ! -f $conf ]; then
  say "$conf is not a file or does not exist"
elif ! touch $conf 2>/dev/null; then
  say "can not modify $conf (read-only file system?)"
elif grep -q 'listen  \[::\]:80;' $conf; then
  say "IPv6 listen already enabled"
else
  say "Getting the checksum of $conf"
  if echo "$md5  $conf" | md5sum -c - >/dev/null 2>&1; then
    sed -i 's/^\( *\)listen       80;/&\n\1listen  [::]:80;/' $conf
    say "Enabled listen on IPv6 in $conf"
  else
    say "$conf differs from the packaged version"
  fi
fi
