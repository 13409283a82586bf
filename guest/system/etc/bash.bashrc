# Interactive bash in the guest.
case $- in *i*) ;; *) return ;; esac

PS1='\[\e[36m\]\h\[\e[0m\]:\[\e[1m\]\w\[\e[0m\]\$ '
HISTCONTROL=ignoreboth
HISTSIZE=1000
shopt -s checkwinsize

alias ls='ls --color=auto'
alias ll='ls -l'
alias grep='grep --color=auto'
alias ip='ip -color=auto'
