# SPDX-License-Identifier: Apache-2.0
"""What a command takes, and how a training is waited for, for the scripts of the folders beside
this file."""

import fcntl, os, pty, re, signal, subprocess, sys, termios

# A process begins with the peak memory of the one that it was forked from, which of a script that
# has read many results is more than a small command's own: so a small Python
# without modules comes between.
LAUNCH = """
import os, sys
out = int(sys.argv[1])
os.set_inheritable(out, False)
pid = os.fork()
if not pid:
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as problem:
        os.write(2, f"{sys.argv[2]}: {problem}\\n".encode())
        os._exit(127)
_, status, usage = os.wait4(pid, 0)
os.write(out, str(usage.ru_maxrss).encode())
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


def measured(command):
    """Its output, and the most memory that it had, in MiB."""
    from_child, to_us = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", LAUNCH, str(to_us), *command],
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=(to_us,),
    )
    os.close(to_us)
    text = process.stdout.read()
    with os.fdopen(from_child) as memory:
        most = memory.read()
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, command)
    return text, int(most) / 1024


def begun(folder):
    """Whether `attunet resume` goes on in a run's folder.  One that was killed while it saved may
    have a checkpoint of another name alone."""
    names = [
        "hard.json",
        *(f"checkpoint{between}.safetensors" for between in ("", ".next", ".previous")),
    ]
    return any(os.path.exists(os.path.join(folder, name)) for name in names)


def channel():
    """The ends of what a training says: a terminal where this script has one, so that its progress
    is shown there, too."""
    if not sys.stderr.isatty():
        return os.pipe()
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, fcntl.ioctl(2, termios.TIOCGWINSZ, bytes(8)))
    return ours, its


def passed_on(ours):
    """What comes, which is written to stderr, until nobody is there to write."""
    while True:
        try:
            part = os.read(ours, 1 << 16)
        except OSError:  # so Linux says it of a terminal
            part = b""
        if not part:
            return
        sys.stderr.buffer.write(part)
        sys.stderr.flush()
        yield part


def trained(command):
    """Whether the training ended; False: it diverged.  Where the script is stopped, by Ctrl-C or
    SIGTERM, it saves where it is, and is waited for."""
    said, diverged = b"", False
    ours, its = channel()
    with open(ours, "rb", 0), subprocess.Popen(command, stderr=its) as process:
        os.close(its)
        try:
            for part in passed_on(ours):
                said = said[-4096:] + part
                diverged = diverged or re.search(
                    rb"attunet:(\033\[0m)? (training|the policy) diverged: ", said
                )
        except BaseException:
            process.terminate()
            for _ in passed_on(
                ours
            ):  # until it has ended: after Ctrl-C the `with` alone waits for a quarter of a second
                pass
            raise
    if process.returncode and not diverged:
        raise subprocess.CalledProcessError(process.returncode, command)
    return not diverged


def script(main):
    """Runs it as the whole of a script: what ends it is told in a line, and SIGTERM ends it as
    Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        main()
    except (subprocess.CalledProcessError, OSError) as problem:
        sys.exit(f"stopped: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
