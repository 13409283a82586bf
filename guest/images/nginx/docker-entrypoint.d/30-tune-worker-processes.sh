#!/bin/sh
# With NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE, nginx gets as many workers as the container's cgroup has processors.
set -e

conf=/etc/nginx/nginx.conf

[ -n "${NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE-}" ] || exit 0
if ! touch $conf 2>/dev/null; then
  echo >&2 "${0##*/}: error: can not modify $conf (read-only file system?)"
  exit 0
fi

# nproc knows the cpuset; cpu.max is "quota period" in microseconds or "max period", and absent without a limit to read.
workers=$(nproc)
quota=max
[ ! -r /sys/fs/cgroup/cpu.max ] || read -r quota period </sys/fs/cgroup/cpu.max
if [ "$quota" != max ]; then
  limit=$(((quota + period - 1) / period))
  [ "$limit" -ge "$workers" ] || workers=$limit
fi
sed -i "s/^worker_processes .*/worker_processes $workers;/" $conf
