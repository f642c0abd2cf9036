#!/bin/sh
# Keeps the server on. Arguments: the program of the server and its arguments, run as they are.
# Ends with the server when it ended on purpose (0) or for a reason that another try cannot mend (78); starts it again
# after a crash or a kill, after 1, 2, 4 … 30 seconds, and after 1 again once it has lived for a minute.
# A shell, because it takes 2 MB where a second Node would take 40.
child=
ending=
pause=1

trap 'ending=1; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null' TERM INT
trap '' HUP

while :; do
  began=$(date +%s)
  "$@" &
  child=$!
  # A signal interrupts wait before the child has ended: wait until it really has.
  while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  child=
  if [ -n "$ending" ]; then exit 0; fi
  case $code in 0 | 78) exit "$code" ;; esac
  if [ $(($(date +%s) - began)) -ge 60 ]; then pause=1; fi
  echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) keeper: the server ended with $code and starts again in $pause s"
  sleep "$pause" &
  child=$!
  wait "$child"
  child=
  if [ -n "$ending" ]; then exit 0; fi
  pause=$((pause * 2))
  if [ "$pause" -gt 30 ]; then pause=30; fi
done
