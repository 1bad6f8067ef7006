# SPDX-License-Identifier: Apache-2.0
# MONAI Label's datastore, next sample and training, by the requests of its clients (learn.py).
. "$SOURCE/tests/serve/front.sh"

try 0 phantom ultrasound -o us --count 10 --unseen 1
try 0 train us -o slices --steps 5 --fold 0 --spec 'widths=4,8 gated=all' --patch 64x64 --batch 2 \
    --validate-every 0
try 0 train us -o plain --steps 5 --fold 0 --spec 'arch=unet widths=4,8' --patch 64x64 --batch 2 \
    --validate-every 0
requests learn.py
finish
