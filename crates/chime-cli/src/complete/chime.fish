# chime completions fish
function __chime_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l word (commandline -ct)
    set -l candidates (chime complete "--word=$word" $words 2>/dev/null)
    if set -q candidates[1]
        printf '%s\n' $candidates
    else
        __fish_complete_path "$word"
    end
end
complete -c chime -f -a '(__chime_complete)'
