# SPDX-License-Identifier: Apache-2.0
# Commands within a memory cgroup, version 1 or 2; read by tests of limits and by bench/memory.
#
#   cgroup_make BYTES    a fresh group without swap; false, and the reason in $cgroup_no, where none
#                        can be made
#   cgroup_run COMMAND   its exit code; afterwards $cgroup_anon is the largest anonymous memory seen
#                        (looked at 50 times a second), in bytes,
#                        $cgroup_peak the most that was charged (page cache too), $cgroup_killed how
#     often the kernel had to kill
#   cgroup_drop          removes it
cgroup= cgroup_no= cgroup_kind=

cgroup_root() {
    for at in /sys/fs/cgroup /sys/fs/cgroup/unified; do
        if grep -qw memory "$at/cgroup.controllers" 2>/dev/null; then cgroup_kind=2 cgroup_at=$at
        return 0; fi
    done
    at=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
    [ -n "$at" ] && { cgroup_kind=1 cgroup_at=$at; return 0; }
    cgroup_no="there is no memory controller"
    return 1
}

cgroup_make() {
    cgroup_root || return 1
    cgroup=$cgroup_at/attunet_$$
    [ "$cgroup_kind" -eq 1 ] || (echo +memory >"$cgroup_at/cgroup.subtree_control") 2>/dev/null
    mkdir "$cgroup" 2>/dev/null || { cgroup_no="$cgroup cannot be made" cgroup=; return 1; }
    if [ "$cgroup_kind" -eq 1 ]; then
        (echo "$1" >"$cgroup/memory.limit_in_bytes") 2>/dev/null ||
            { cgroup_no="the limit cannot be set"; cgroup_drop; return 1; }
        (echo 0 >"$cgroup/memory.swappiness") 2>/dev/null
        (echo "$1" >"$cgroup/memory.memsw.limit_in_bytes") 2>/dev/null
    else
        (echo "$1" >"$cgroup/memory.max") 2>/dev/null ||
            { cgroup_no="the limit cannot be set"; cgroup_drop; return 1; }
        (echo 0 >"$cgroup/memory.swap.max") 2>/dev/null
    fi
    return 0
}

cgroup_anon_now() {
    awk -v name="$([ "$cgroup_kind" -eq 1 ] && echo rss || echo anon)" '$1 == name { print $2 }' \
        "$cgroup/memory.stat"
}

cgroup_run() {
    cgroup_anon=0
    sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$cgroup" "$@" &
    cgroup_pid=$!
    while kill -0 "$cgroup_pid" 2>/dev/null; do
        cgroup_now=$(cgroup_anon_now)
        [ "${cgroup_now:-0}" -gt "$cgroup_anon" ] && cgroup_anon=$cgroup_now
        sleep 0.02
    done
    wait "$cgroup_pid"
    cgroup_code=$?
    if [ "$cgroup_kind" -eq 1 ]; then
        cgroup_peak=$(cat "$cgroup/memory.max_usage_in_bytes")
        cgroup_killed=$(awk '$1 == "oom_kill" { print $2 }' "$cgroup/memory.oom_control")
    else
        cgroup_peak=$(cat "$cgroup/memory.peak" 2>/dev/null)
        cgroup_killed=$(awk '$1 == "oom_kill" { print $2 }' "$cgroup/memory.events")
    fi
    return $cgroup_code
}

cgroup_drop() {
    [ -n "$cgroup" ] && rmdir "$cgroup" 2>/dev/null
    cgroup=
}
