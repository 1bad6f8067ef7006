# SPDX-License-Identifier: Apache-2.0
# attunet serve under requests that no client should send (storm.py).
. "$SOURCE/tests/serve/front.sh"

small_run
requests storm.py
grep -q '^SKIPPED' storm.py.txt && exit 77
finish
