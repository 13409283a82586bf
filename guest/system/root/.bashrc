. /etc/bash.bashrc
