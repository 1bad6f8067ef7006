# SPDX-License-Identifier: Apache-2.0
"""What was measured, as text and as the section of docs/performance.md between two marks."""

import glob, os, re

from process import Failed, median

BEGIN, END = "<!-- compare: begin -->", "<!-- compare: end -->"


def machine():
    info = {}
    with open("/proc/cpuinfo") as f:
        for line in f:
            key, _, value = line.partition(":")
            info.setdefault(key.strip(), value.strip())
    flags = info.get("flags", "").split()
    caches = []
    for d in sorted(glob.glob("/sys/devices/system/cpu/cpu0/cache/index*")):
        level, kind, size = (
            open(f"{d}/{name}").read().strip() for name in ("level", "type", "size")
        )
        if kind != "Instruction":
            caches.append(f"L{level} {size}")
    name = info.get("model name", "unknown")
    return {
        "cpu": f"{name}, family {info.get('cpu family')} model {info.get('model')}",
        "caches": ", ".join(caches),
        "features": [f for f in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f in flags],
        "cores": len(os.sched_getaffinity(0)),
    }


def mib(value):
    return f"{value / 2**20:.0f}" if value else ""


def wording(c):
    """What a check is about."""
    return {
        "speed": "speed over {}",
        "memory": "memory over {}'s",
        "extra": "more time than without gates",
        "start": "start to mask",
        "gain": "gain over the peak's",
    }[c["kind"]].format(c["peer"])


def verdict(c):
    word = "met" if c["floor_met"] else "MISSED"
    if c["aim"] is not None:
        word += ", target met" if c["aim_met"] else ", target missed"
    return word


def bounds(c):
    return c["floor_text"] + (f" / {c['aim_text']}" if c["aim"] is not None else "")


def cells(e):
    """The columns of an engine's line."""
    ratio = (
        f"{median(e['ratios']):.2f} ({min(e['ratios']):.2f}..{max(e['ratios']):.2f})"
        if e["ratios"]
        else ""
    )
    difference = f"{e['difference']:.1e}" if e["difference"] is not None else ""
    return e["name"], f"{e['seconds']:.4f}", ratio, mib(e["memory"]), mib(e["bare"]), difference


HEAD = (
    "engine",
    "seconds",
    "seconds over ours (range)",
    "peak memory, MiB",
    "of it Python and numpy",
    "difference",
)


def conditions(row):
    peaks = ", ".join(
        f"{median(p):.0f} GFLOP/s with {t} thread{'s' * (t != '1')}" for t, p in row["peak"].items()
    )
    return (
        f"FMA peak {peaks}, moved by up to {100 * row['moved']:.1f} % during a round; other"
        f" processes took {100 * row['others']:.0f} % of the processors"
    )


def text(row):
    lines = [f"{row['name']}: {row['title']}", "  " + conditions(row)]
    if row["refused"]:
        lines.append(f"  REFUSED: {row['refused']}")
        return "\n".join(lines)
    table = [HEAD] + [cells(e) for e in row["engines"]]
    width = [max(len(r[i]) for r in table) for i in range(len(HEAD))]
    lines += [
        "  "
        + "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(r, width)))
        for r in table
    ]
    lines += [f"  {wording(c)}: {c['text']} ({bounds(c)}): {verdict(c)}" for c in row["checks"]]
    return "\n".join(lines)


def markdown(result, command):
    m = result["machine"]
    lines = [
        BEGIN,
        "",
        f"`{command}` wrote this section.",
        "",
        (
            f"- Machine: {m['cpu']}, {m['cores']} cores; data caches {m['caches']}; of the"
            f" extensions that matter it has {', '.join(m['features'])}."
        ),
        "- Peers: " + ", ".join(f"{k} {v}" for k, v in result["versions"].items()) + ".",
        "",
        "| work | what | value | required / target | |",
        "|---|---|---|---|---|",
    ]
    for row in result["rows"]:
        if row["refused"]:
            lines.append(f"| {row['title']} | refused: {row['refused']} | | | |")
        for c in [] if row["refused"] else row["checks"]:
            lines.append(
                f"| {row['title']} | {wording(c)} | {c['text']} | {bounds(c)} | {verdict(c)} |"
            )
    for row in result["rows"]:
        if row["refused"]:
            continue
        lines += [
            "",
            f"### {row['title']}",
            "",
            f"- {row['date']}, {row['commit']}, {row['threads']} threads; {conditions(row)}",
            "",
            "| " + " | ".join(HEAD) + " |",
            "|---" * len(HEAD) + "|",
        ]
        lines += ["| " + " | ".join(cells(e)) + " |" for e in row["engines"]]
    return "\n".join(lines + ["", END])


def write_section(path, section):
    """Between the marks, or at the end of a file that has none."""
    with open(path) as f:
        old = f.read()
    marks = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)
    if (BEGIN in old or END in old) and len(marks.findall(old)) != 1:
        raise Failed(f"{path} has no single pair of marks `{BEGIN}` and `{END}`")
    new = (
        marks.sub(lambda _: section, old)
        if BEGIN in old
        else old.rstrip("\n") + "\n\n## Against the peers\n\n" + section + "\n"
    )
    with open(path + ".new", "w") as f:
        f.write(new)
    os.replace(path + ".new", path)
