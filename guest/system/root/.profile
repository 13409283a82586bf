if [ -n "${BASH_VERSION-}" ]; then . ~/.bashrc; fi
