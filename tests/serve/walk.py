# SPDX-License-Identifier: Apache-2.0
"""Walks through the page of attunet-serve in Chromium without a display.

walk.py CHROMIUM ATTUNET FOLDER: works in the current folder, which holds the run `slices`, the run
`volumes`, image.png, and image.nii.gz with its mask mask.nii.gz.
FOLDER gets screenshots, to be looked at by people.  Prints a line per claim.
"""
import base64
import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'report'))
import check  # noqa: E402

FLAGS = '--use-angle=swiftshader', '--enable-unsafe-swiftshader'


class Walk:
    def __init__(self, browser, folder):
        self.b, self.folder = browser, folder

    def value(self, expression):
        answer = self.b.call('Runtime.evaluate', expression=expression, awaitPromise=True,
                             returnByValue=True)
        if 'exceptionDetails' in answer:
            sys.exit(f'walk.py: {expression}: {answer["exceptionDetails"]}')
        return answer['result'].get('value')

    def until(self, expression):
        """A minute of turns of the page's clock."""
        return self.value(f'(async () => {{ for (let i = 0; i < 600; i++) {{ if ({expression}) '
                          'return true; await new Promise(r => setTimeout(r, 100)); } '
                          'return false; })()')

    def picture(self, name):
        shot = self.b.call('Page.captureScreenshot', format='png')['data']
        with open(os.path.join(self.folder, name), 'wb') as file:
            file.write(base64.b64decode(shot))

    def choose(self, path):
        root = self.b.call('DOM.getDocument')['root']['nodeId']
        node = self.b.call('DOM.querySelector', nodeId=root, selector='#file')['nodeId']
        self.b.call('DOM.setFileInputFiles', nodeId=node, files=[os.path.abspath(path)])
        done = self.until("/^Done/.test(document.getElementById('says').textContent)")
        check.claim(done, f'{path} is predicted: ' +
                    self.value("document.getElementById('says').textContent"))


def voxels(path):
    raw = gzip.decompress(open(path, 'rb').read())
    dims = struct.unpack('<8h', raw[40:56])[1:4]
    kind = {2: 'B', 4: 'h', 16: 'f', 512: 'H'}[struct.unpack('<h', raw[70:72])[0]]
    count = dims[0] * dims[1] * dims[2]
    return dims, struct.unpack(f'<{count}{kind}', raw[352:352 + count * struct.calcsize(kind)])


def walk(w):
    check.claim(w.until("document.body.dataset.ready === 'yes'"), 'the page is ready')
    w.value("document.getElementById('model').value = 'volumes'")
    w.choose('image.nii.gz')
    dims, values = voxels('image.nii.gz')
    masked = voxels('mask.nii.gz')[1]
    seen = w.value("[...attunet.viewer().volumes[1].img].reduce((a, v) => "
                   "(a[v] = (a[v] || 0) + 1, a), {})")
    check.claim(seen == {str(v): masked.count(v) for v in sorted(set(masked))},
                f'the mask that is shown has the voxels of attunet predict: {seen}')
    rows = w.value("[...document.querySelectorAll('#classes label')].map(l => l.textContent)")
    check.claim(len(rows) == 2 and all(' ml' in row for row in rows), f'classes in ml: {rows}')
    # The probe, at the voxel that the view names.
    w.value('attunet.viewer().moveCrosshairInVox(2, 3, 1)')
    text = w.value("document.getElementById('probe').textContent")
    place = [int(n) for n in text.split(':')[0].replace('voxel ', '').split(',')]
    value = float(text.split(': ')[1].split(',')[0])
    at = place[0] + dims[0] * (place[1] + dims[1] * place[2])
    check.claim(abs(value - values[at]) < 1e-3 * max(1, abs(values[at])),
                f'the probe says {text}, the file {values[at]}')
    w.picture('volume.png')
    w.value("document.querySelector('#classes input').click()")
    w.value("const s = document.getElementById('slices'); s.value = '0'; s.onchange()")
    w.value("const o = document.getElementById('opacity'); o.value = '1'; o.oninput()")
    w.picture('class.png')
    w.value("document.getElementById('model').value = 'slices'")
    w.choose('image.png')
    w.picture('picture.png')
    down = w.value("attunet.viewer().volumes.map(v => v.hdr.affine[1][1])")
    check.claim(down == [-1, -1], f'rows of a picture go down: {down}')
    wide = w.value('document.documentElement.scrollWidth <= innerWidth')
    check.claim(wide, 'the page does not scroll sideways')
    unnamed = w.value("[...document.querySelectorAll('input, select, button, canvas, progress')]"
                      ".filter(e => !(e.labels && e.labels.length) && !e.ariaLabel && "
                      "!e.textContent.trim()).map(e => e.outerHTML)")
    check.claim(unnamed == [], f'every control has a name: {unnamed}')


def main():
    program, attunet, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    server = subprocess.Popen([attunet, 'serve', 'slices', 'volumes', '--port', '0'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    address = server.stdout.readline().strip()
    with tempfile.TemporaryDirectory() as profile:
        browser = check.Browser(program, profile, FLAGS)
        target = browser.call('Target.createTarget', url='about:blank')['targetId']
        browser.session = browser.call('Target.attachToTarget', targetId=target,
                                       flatten=True)['sessionId']
        for domain in ('Page', 'Network', 'Runtime', 'Log', 'DOM'):
            browser.call(domain + '.enable')
        browser.call('Emulation.setDeviceMetricsOverride', width=1280, height=800,
                     deviceScaleFactor=1, mobile=False)
        browser.call('Page.navigate', url=address + '/')
        browser.wait('Page.loadEventFired')
        walk(Walk(browser, folder))
        asked = [e['params']['request']['url'] for e in browser.events
                 if e.get('method') == 'Network.requestWillBeSent']
        strange = [u for u in asked if not u.startswith((address, 'data:', 'blob:'))]
        check.claim(asked and not strange, f'nothing is asked from elsewhere: {strange[:3]}')
        said = [json.dumps(e['params'])[:300] for e in browser.events
                if e.get('method') == 'Runtime.exceptionThrown' or
                (e.get('method') == 'Log.entryAdded' and
                 e['params']['entry']['level'] == 'error') or
                (e.get('method') == 'Runtime.consoleAPICalled' and
                 e['params']['type'] in ('error', 'assert'))]
        said = [s for s in said if '/progress/' not in s]  # 404 before and after a prediction
        check.claim(not said, f'no error on the console: {said[:3]}')
        browser.end()
    server.terminate()
    server.wait()
    sys.exit(check.bad > 0)


main()
