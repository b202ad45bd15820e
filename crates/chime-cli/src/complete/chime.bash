# chime completions bash
_chime() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        printf -v candidate %q "$candidate"
        COMPREPLY+=("$candidate")
    done < <(chime complete "--word=${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
}
complete -o default -F _chime chime
