# SPDX-License-Identifier: Apache-2.0
# kill -9 at every call that touches the datastore of attunet serve (kills.py): none loses a label.
. "$SOURCE/tests/serve/front.sh"
# ASan's library has to be the first that is loaded.
if ldd "$ATTUNET" | grep -q "asan"; then echo 'SKIPPED: built with ASan'; exit 77; fi

small_run
requests kills.py "$FAULTS"
finish
