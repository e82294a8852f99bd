# Completion of touchline for bash. What fits is asked of the program itself.

_touchline() {
    local word words=() at open='' cut='' out directive line
    COMPREPLY=()
    # bash breaks words at = and : too; put them together again.
    for ((at = 0; at <= COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        if ((at > 1)) && [[ $word == [=:] || ${COMP_WORDS[at - 1]} == [=:] ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
    word=${words[${#words[@]} - 1]}
    [[ $word == [\"\']* ]] && open=${word:0:1}
    [[ ${COMP_WORDS[COMP_CWORD]} != "$word" ]] && cut=${word%"${COMP_WORDS[COMP_CWORD]}"}
    [[ ${COMP_WORDS[COMP_CWORD]} == [=:] ]] && cut=$word
    words=("${words[@]//[\"\'\\]/}")
    out=$("${words[@]:0:1}" __complete "${words[@]:1}" 2>/dev/null) || return 0
    directive=${out##*:}
    word=${words[${#words[@]} - 1]}
    while IFS= read -r line; do
        line=${line%%$'\t'*}
        [[ -z $line || $line == :[0-9]* ]] && continue
        line=${line#"$cut"}
        if [[ -z $open ]]; then
            printf -v line %q "$line"
            line=${line//\\=/=}
        fi
        COMPREPLY+=("$line")
    done <<<"$out"
    ((directive & 2)) && compopt -o nospace
    if ((directive & 16)); then
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        compopt -o filenames
    elif ((!(directive & 4))) && ((${#COMPREPLY[@]} == 0)); then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        compopt -o filenames
    fi
}

complete -F _touchline touchline
