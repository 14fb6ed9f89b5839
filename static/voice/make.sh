#!/bin/sh
# Makes the recorded voice anew from id.txt and en.txt, with Debian's tools:
# espeak-ng speaks Indonesian, flite's voice "slt" English; sox trims, levels
# and encodes. Only whoever changes the words needs it: the clips are committed.
set -eu
cd "$(dirname "$0")"
for tool in espeak-ng flite sox; do
  command -v $tool >/dev/null || { echo "make voice needs: apt-get install espeak-ng flite sox libsox-fmt-mp3" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# say LANGUAGE CLIP WORDS
say() {
  case $1 in
  id) espeak-ng -v id+f2 -s 140 -p 45 -a 120 -w "$work/said.wav" "$3" ;;
  # Letters go by their sounds: flite reads a lone "a" as the article.
  en) case $2 in
      [a-z]) flite -voice slt --setf duration_stretch=1.15 -t "$(echo "$3" | tr a-z A-Z)." -o "$work/said.wav" ;;
      *) flite -voice slt --setf duration_stretch=1.1 -t "$3" -o "$work/said.wav" ;;
      esac ;;
  esac
  # Without silence at the ends, with soft edges, all equally loud, 22.05 kHz mono.
  sox "$work/said.wav" -r 22050 -c 1 "$work/cut.wav" gain -6 highpass 80 \
    silence 1 0.005 0.5% reverse silence 1 0.005 0.5% reverse
  sox "$work/cut.wav" "$work/soft.wav" fade t 0.004 -0 0.012 gain -n -6
  loud=$(sox "$work/soft.wav" -n stat 2>&1 | awk '/RMS.*amplitude/ {print 20 * log(0.3 / $3) / log(10)}')
  sox "$work/soft.wav" -C 32.2 --comment "" "$1/$2.mp3" gain -l "$loud" gain -0.5
}

for lang in id en; do
  mkdir -p $lang
  rm -f $lang/*.mp3
  tab=$(printf '\t')
  while IFS="$tab" read -r clip words; do
    case $clip in '' | \#*) continue ;; esac
    say $lang "$clip" "$words"
  done <$lang.txt
done
du -ch id en | tail -1
