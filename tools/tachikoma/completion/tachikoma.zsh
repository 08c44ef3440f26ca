#compdef tachikoma
# Completes tachikoma in zsh.
_tachikoma() {
  local -a candidates
  local line value
  for line in "${(@f)$(tachikoma __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :files) _files ;;
      :folders) _files -/ ;;
      ?*)
        value=${line%%$'\t'*}
        candidates+=("${value//:/\\:}:${line#*$'\t'}")
        ;;
    esac
  done
  (( ${#candidates} )) && _describe -t tachikoma tachikoma candidates
}
if [[ $funcstack[1] == _tachikoma ]]; then
  _tachikoma "$@"
else
  compdef _tachikoma tachikoma
fi
