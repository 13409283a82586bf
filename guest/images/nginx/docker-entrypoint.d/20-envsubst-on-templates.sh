#!/bin/sh
# Each *.template below /etc/nginx/templates becomes a file of /etc/nginx/conf.d, with ${NAME} replaced by the
# environment's values; NGINX_ENVSUBST_FILTER is a pattern of the names to replace.
set -e

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}

say() {
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS-}" ] || echo "${0##*/}: $*"
}

[ -d "$templates" ] || exit 0
if [ ! -w "$output" ]; then
  say "ERROR: $templates exists, but $output is not writable"
  exit 0
fi

# Names that the environment lacks stay as they are written: nginx has variables of its own.
names=$(
  awk 'BEGIN { filter = ENVIRON["NGINX_ENVSUBST_FILTER"]; for (name in ENVIRON) if (name ~ filter) printf "${%s} ", name }'
)
find "$templates" -follow -type f -name "*$suffix" | while read -r template; do
  path=${template#"$templates/"}
  target=$output/${path%"$suffix"}
  mkdir -p "${target%/*}"
  say "Running envsubst on $template to $target"
  envsubst "$names" <"$template" >"$target"
done
