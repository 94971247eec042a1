#!/usr/bin/env bash
# A power cut without a virtual machine: what was not flushed to disk when the file system is shut down is gone,
# and its journal replays at the next mount.
#
#   powercut.sh FS WRITER READER     FS is ext4 or xfs
#
# WRITER and READER are shell commands that find their folder in $FOLDER. WRITER prints `acked N`, unbuffered, for
# each number that it takes for safe, until it is killed; READER runs after the remount and prints `found N`.
# Prints: FS acked N found N lost N doubled N. Exit code 1 when the reader fails, 77 when this machine cannot do it
# (needs root, loop devices, xfsprogs and e2fsprogs). A writer that flushes nothing must lose: run that control too.
set -u
PATH=$PATH:/usr/sbin:/sbin
fs=$1 writer=$2 reader=$3
cannot() { echo "no power cut here: $1"; exit 77; }
[ "$(id -u)" = 0 ] || cannot "not root"
command -v xfs_io >/dev/null || cannot "xfs_io is missing (Debian package xfsprogs)"
command -v "mkfs.$fs" >/dev/null || cannot "mkfs.$fs is missing"

d=$(mktemp -d)
trap 'umount "$d/m" 2>/dev/null; rm -rf "$d"' EXIT
truncate -s 400M "$d/img" && "mkfs.$fs" -q "$d/img" && mkdir "$d/m" || cannot "no file system could be made"
mount -o loop "$d/img" "$d/m" 2>"$d/err" || cannot "$(cat "$d/err")"
mkdir "$d/m/work"
sync -f "$d/m"

export FOLDER="$d/m/work"
# A session of its own, so that the writer and whatever it started can be ended together.
setsid bash -c "exec 2>>'$d/err'; $writer" >"$d/out" &
p=$!
sleep "${WAIT_S:-1}.$((RANDOM % 9))"
xfs_io -x -c shutdown "$d/m"
cp "$d/out" "$d/out.cut"
kill -9 -- -$p 2>/dev/null
wait $p 2>/dev/null
umount "$d/m" || { sleep 1; umount "$d/m"; }
mount -o loop "$d/img" "$d/m" || { echo "the file system could not be mounted again"; exit 1; }
bash -c "$reader" >"$d/in" 2>>"$d/err"
status=$?

grep -ao 'acked [0-9]*' "$d/out.cut" | cut -d' ' -f2 | sort -u >"$d/acked"
grep -ao 'found [0-9]*' "$d/in" | cut -d' ' -f2 | sort >"$d/found"
lost=$(comm -23 "$d/acked" <(sort -u "$d/found") | grep -c .)
doubled=$(uniq -d "$d/found" | grep -c .)
echo "$fs acked $(grep -c . "$d/acked") found $(sort -u "$d/found" | grep -c .) lost $lost doubled $doubled"
[ $status = 0 ] || { echo "the reader failed:"; cat "$d/in" "$d/err"; exit 1; }
