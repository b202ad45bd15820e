#compdef chime
# chime completions zsh
_chime() {
    local -a candidates
    candidates=(${(f)"$(chime complete "--word=$PREFIX" "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)"})
    if (( $#candidates )); then
        compadd -- $candidates
    else
        _files
    fi
}
# A file on fpath is the function itself.
if [[ ${funcstack[1]} == _chime ]]; then
    _chime "$@"
else
    compdef _chime chime
fi
