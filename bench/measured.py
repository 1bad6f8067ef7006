# SPDX-License-Identifier: Apache-2.0
"""What a command takes, for the scripts of the folders beside this file."""
import os, subprocess


def measured(command):
    """Its output, and the most memory that it had, in MiB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return text, usage.ru_maxrss / 1024
