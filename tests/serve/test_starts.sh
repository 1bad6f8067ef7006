# SPDX-License-Identifier: Apache-2.0
# attunet serve beside another server, again after it, and with words that it refuses (starts.py).
. "$SOURCE/tests/serve/front.sh"

small_run
requests starts.py
finish
