# Completes tachikoma in bash.
_tachikoma() {
  local line=${COMP_LINE:0:COMP_POINT} cut candidate
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  # bash breaks words at these too, and replaces only what follows the last of them
  cut=${words[-1]}
  cut=${cut%"${cut##*[:=]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    case $candidate in
      :files) compopt -o default ;;
      :folders) compopt -o dirnames ;;
      *) COMPREPLY+=("$(printf '%q' "${candidate#"$cut"}")") ;;
    esac
  done < <(tachikoma __complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _tachikoma tachikoma
