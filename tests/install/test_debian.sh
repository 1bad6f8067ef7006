# SPDX-License-Identifier: Apache-2.0
# cpack makes Debian packages that lintian has nothing against.
. "$SOURCE/tests/cli/run.sh"

if ! command -v dpkg-deb >/dev/null || ! command -v cpack >/dev/null; then
    echo "SKIPPED: no dpkg-deb here, so no Debian packages"
    exit 77
fi
(cd "$BUILD" && cpack -G DEB -B "$OLDPWD/packages") >log.txt 2>&1
say $? "cpack -G DEB"
grep -iE 'error|warning' log.txt
rm -rf packages/_CPack_Packages
set -- packages/*.deb
if [ -e "$BUILD/libattunet/mpi.so" ]; then wanted=6; else wanted=5; fi
[ $# -eq $wanted ]
say $? "$wanted packages: $(ls packages | tr '\n' ' ')"
for package in "$@"; do dpkg-deb -c "$package" >"$(basename "${package%%_*}").list"; done
for file in ./usr/bin/attunet ./usr/share/man/man1/attunet.1.gz \
    ./usr/share/man/man1/attunet-train.1.gz ./usr/share/bash-completion/completions/attunet; do
    grep -q " $file\$" attunet.list
    say $? "attunet has $file"
done
for file in ./usr/bin/attunet-dicom ./usr/share/man/man1/attunet-dicom.1.gz; do
    grep -q " $file\$" attunet-dicom.list
    say $? "attunet-dicom has $file"
done
depends=$(dpkg-deb -f packages/attunet-dicom_*.deb Depends)
case $depends in *libdcmtk*) ok "attunet-dicom depends on DCMTK: $depends" \
    ;; *) not_ok "attunet-dicom depends on: $depends" ;; esac
for file in ./usr/bin/attunet-serve ./usr/share/man/man1/attunet-serve.1.gz \
    ./usr/lib/systemd/system/attunet-serve.service; do
    grep -q " $file\$" attunet-serve.list
    say $? "attunet-serve has $file"
done
depends=$(dpkg-deb -f packages/attunet-serve_*.deb Depends)
case $depends in *"attunet (= "*libmicrohttpd*) ok "attunet-serve depends on: $depends" \
    ;; *) not_ok "attunet-serve depends on: $depends" ;; esac
if [ $wanted = 6 ]; then
    grep -q '/libattunet/mpi[.]so$' attunet-mpi.list
    say $? "attunet-mpi has the plug-in"
    depends=$(dpkg-deb -f packages/attunet-mpi_*.deb Depends)
    case $depends in *libopenmpi3*) ok "attunet-mpi depends on Open MPI: $depends" \
        ;; *) not_ok "attunet-mpi depends on: $depends" ;; esac
fi
grep -q '/libattunet[.]so[.]0 -> ' libattunet0.list
say $? "libattunet0 has the library"
grep -q '/libattunet[.]a$' libattunet-dev.list &&
    grep -q ' ./usr/include/attunet[.]h$' libattunet-dev.list
say $? "libattunet-dev has what programs are built with"
depends=$(dpkg-deb -f packages/attunet_*.deb Depends)
case $depends in *"libattunet0 (= "*libjansson4*) ok "attunet depends on its library: $depends" \
    ;; *) not_ok "attunet depends on: $depends" ;; esac
depends=$(dpkg-deb -f packages/libattunet0_*.deb Depends)
case $depends in *libc6*libpng16*) ok "libattunet0 depends on what it is linked with: $depends" \
    ;; *) not_ok "libattunet0 depends on: $depends" ;; esac

# ---- unpacked, it runs
for package in "$@"; do dpkg-deb -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name libattunet.so.0)") root/usr/bin/attunet \
    --version | grep -q '^attunet '
say $? "what the packages hold runs"
if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs \
        "$@" >lintian.txt 2>&1
    code=$?
    cat lintian.txt
    [ "$code" -eq 0 ] && ! grep -qE '^[EW]: ' lintian.txt
    say $? "lintian has nothing against them"
else
    echo "SKIPPED: no lintian here, so the packages are not checked by it"
fi
finish
