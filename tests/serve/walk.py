# SPDX-License-Identifier: Apache-2.0
"""Walks through the page of attunet-serve in Chromium without a display.

walk.py CHROMIUM ATTUNET FOLDER [AXE]: works in the current folder, which holds the run `slices`,
the run `volumes`, image.png, and image.nii.gz with its mask mask.nii.gz.
AXE is axe-core's axe.js.
FOLDER gets screenshots, to be looked at by people.  Prints a line per claim.
"""
import base64
import glob
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
SAYS = "document.getElementById('says').textContent"
PROBE = "document.getElementById('probe').textContent"
ASKED = "document.getElementById('ask').open"
# The voxels of the overlay that one cannot see through, and those that have a colour.
OVERLAY = """(() => {
  const gl = viewer.gl, [w, h, d] = viewer.back.dims.slice(1, 4), counts = [0, 0];
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  for (let z = 0; z < d; z++) {
    const rgba = new Uint8Array(4 * w * h);
    gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, viewer.overlayTexture, 0, z);
    gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
    for (let i = 3; i < rgba.length; i += 4) {
      counts[0] += rgba[i] === 255;
      counts[1] += rgba[i] > 25;
    }
  }
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  return counts;
})()"""
SEEN = "[...attunet.maskValues()].reduce((a, v) => (a[v] = (a[v] || 0) + 1, a), {})"


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

    def says(self, words):
        good = self.until(f'{SAYS}.includes({json.dumps(words)})')
        check.claim(good, f'the page says: {self.value(SAYS)}')

    def key(self, key, modifiers=0):
        code = 'Key' + key.upper() if key.isalpha() and len(key) == 1 else ''
        more = {'windowsVirtualKeyCode': 32, 'code': 'Space'} if key == ' ' else {'code': code}
        for kind in ('keyDown', 'keyUp'):
            self.b.call('Input.dispatchKeyEvent', type=kind, key=key, modifiers=modifiers, **more)

    def click(self, name):
        self.value(f"document.getElementById('{name}').click()")

    def choose(self, name, value):
        self.value(f"(() => {{ const s = document.getElementById('{name}'); s.value = '{value}'; "
                   "return (s.onchange || s.oninput || (() => 0))(); })()")

    def picture(self, name):
        shot = self.b.call('Page.captureScreenshot', format='png')['data']
        with open(os.path.join(self.folder, name), 'wb') as file:
            file.write(base64.b64decode(shot))

    def look(self, width, height, scheme):
        self.b.call('Emulation.setDeviceMetricsOverride', width=width, height=height,
                    deviceScaleFactor=1, mobile=False)
        self.b.call('Emulation.setEmulatedMedia',
                    features=[{'name': 'prefers-color-scheme', 'value': scheme}])

    def send(self, path):
        root = self.b.call('DOM.getDocument')['root']['nodeId']
        node = self.b.call('DOM.querySelector', nodeId=root, selector='#file')['nodeId']
        self.b.call('DOM.setFileInputFiles', nodeId=node, files=[os.path.abspath(path)])
        self.says('Done')

    def drop(self, path):
        """Drops a file onto the image."""
        with open(path, 'rb') as file:
            raw = base64.b64encode(file.read()).decode()
        self.value("(() => { const d = new DataTransfer(), bytes = Uint8Array.from(atob("
                   f"'{raw}'), c => c.charCodeAt(0)); "
                   f"d.items.add(new File([bytes], '{os.path.basename(path)}')); "
                   "for (const kind of ['dragover', 'drop']) $('view').dispatchEvent(new DragEvent("
                   "kind, {dataTransfer: d, bubbles: true, cancelable: true})); })()")
        self.says('Done')


def voxels(path):
    raw = gzip.decompress(open(path, 'rb').read())
    dims = struct.unpack('<8h', raw[40:56])[1:4]
    kind = {2: 'B', 4: 'h', 16: 'f', 512: 'H'}[struct.unpack('<h', raw[70:72])[0]]
    count = dims[0] * dims[1] * dims[2]
    return dims, struct.unpack(f'<{count}{kind}', raw[352:352 + count * struct.calcsize(kind)])


def counts(values):
    return {str(v): values.count(v) for v in sorted(set(values))}


def probed(w, dims):
    """What the probe says, with the number of its voxel."""
    text = w.value(PROBE)
    place = [int(n) for n in text.split(':')[0].replace('voxel ', '').split(',')]
    return text, place[0] + dims[0] * (place[1] + dims[1] * place[2])


def accessible(w, axe, where):
    if not axe:
        return
    w.value(open(axe, encoding='utf-8').read() + ';0')
    found = w.value("axe.run().then(r => r.violations.filter(v => ['serious', 'critical']"
                    ".includes(v.impact)).map(v => v.id + ' ' + v.nodes[0].html))")
    check.claim(found == [], f'{where}: axe finds nothing serious: {found}')


def layout(w, where):
    wide = w.value('document.documentElement.scrollWidth <= innerWidth')
    check.claim(wide, f'{where}: the page does not scroll sideways')
    unnamed = w.value("[...document.querySelectorAll('input, select, button, canvas, progress')]"
                      ".filter(e => !(e.labels && e.labels.length) && !e.ariaLabel && "
                      "!e.textContent.trim()).map(e => e.outerHTML)")
    check.claim(unnamed == [], f'{where}: every control has a name: {unnamed}')
    small = w.value("[...document.querySelectorAll('input, select, button, summary')]"
                    ".map(e => [e.id, (e.matches('[type=checkbox], [type=radio]') ? "
                    "e.closest('label') : e).getBoundingClientRect()])"
                    ".filter(([id, r]) => r.width > 0 && Math.min(r.width, r.height) < 24)"
                    ".map(([id]) => id)")
    check.claim(small == [], f'{where}: every target has 24 pixels: {small}')
    hidden = w.value("[...document.querySelectorAll('canvas, aside > *')].filter(e => { "
                     "const r = e.getBoundingClientRect(); return r.width > 0 && "
                     "(r.bottom > innerHeight || r.right > innerWidth); }).map(e => e.id)")
    check.claim(hidden == [], f'{where}: image and tools are on one screen: {hidden}')


def opens_a_run(w):
    """The worst case is open, with its mask and the true label."""
    rows = w.value("[...document.querySelectorAll('#list button')].map(b => b.textContent)")
    dice = [float(row.split('Dice ')[1]) for row in rows]
    check.claim(len(rows) == 2 and dice == sorted(dice), f'the worst case is first: {rows}')
    name = rows[0].split(':')[0]
    dims, image = voxels(f'org/images/{name}.nii.gz')
    mask = voxels(f'volumes/validation/{name}.nii.gz')[1]
    truth = voxels(f'org/labels/{name}.nii.gz')[1]
    seen = w.value(SEEN)
    check.claim(seen == counts(mask), f'the mask is that of the file: {seen}')
    classes = w.value("[...document.querySelectorAll('#classes label')].map(l => l.textContent)")
    check.claim(len(classes) == 2 and all(' ml' in c for c in classes), f'in ml: {classes}')
    w.choose('map', 'ask')
    w.says('Done')
    names = w.value("[...document.getElementById('map').options].map(o => o.text)")
    check.claim(names[1:] == ['attention of gate.0', 'uncertainty', 'variance of passes'],
                f'maps: {names}')
    check.claim(w.value(SEEN) == counts(mask), 'the maps leave the mask as it was')
    w.value("document.getElementById('canvas').focus()")
    w.key('PageUp')
    before = probed(w, dims)
    w.key('PageUp')
    w.key('ArrowRight')
    text, at = probed(w, dims)
    check.claim(before[1] != at, f'keys move the cross: {before[0]}')
    said = text.split(': ')[1].split(', ')
    label = ['background', 'label 1', 'label 2']
    good = abs(float(said[0]) - image[at]) < 1e-3 * max(1, abs(image[at]))
    check.claim(good and said[1] == label[mask[at]] and said[2] == 'truly ' + label[truth[at]],
                f'the probe says {text}; the files {image[at]}, {mask[at]}, {truth[at]}')
    check.claim(0 <= float(said[3].split(' ')[-1]) <= 1, 'and the map')
    w.key('t')
    shown = w.until('attunet.viewer().volumes.length === 3')
    check.claim(shown, 'image, map and true label lie over each other')
    w.picture('run.png')
    w.choose('slices', '4')
    cut = w.value("[now.maps[$('map').value].filter(x => x >= layers.map.cal_min - 1e-6).length / "
                  "now.volume.voxels, layers.map.cal_min === Number($('mapfloor').value)]")
    check.claim(0 < cut[0] < 1 and cut[1], f'the volume view hides low values of the map: {cut}')
    w.picture('rendered.png')
    w.choose('slices', '3')
    check.claim(w.value('layers.map.cal_min') == 0, 'the slices hide none')
    w.choose('map', '')
    w.until('attunet.viewer().volumes.length === 2')
    inner = [1, dims[0], dims[0] * dims[1]]
    border = sum(1 for i, v in enumerate(truth) if v and
                 any(truth[i + s] != v or truth[i - s] != v for s in inner))
    seen = w.value(OVERLAY)
    check.claim(seen == [border, border], f'the true label is an outline: {seen}, {border}')
    w.key('t')
    w.until('attunet.viewer().volumes.length === 1')
    w.picture('plain.png')
    return name, dims, mask


def corrects(w, name, dims, mask):
    """By keys alone: brush, paint, save; the file has the painted voxels and no other change."""
    w.value("document.getElementById('canvas').focus()")
    for key in ('4', '.', ' '):
        w.key(key)
    w.picture('corrected.png')
    drawn = w.value('[...attunet.maskValues()]')
    changed = [i for i in range(len(mask)) if drawn[i] != mask[i]]
    _, at = probed(w, dims)
    check.claim(drawn[at] == 2 and 1 <= len(changed) <= 27 and
                all(drawn[i] == 2 for i in changed),
                f'the brush painted {len(changed)} voxels around {at}')
    w.key('s', 2)
    w.says('Saved')
    path = f'corrected/labels/{name}.nii.gz'
    check.claim(list(voxels(path)[1]) == drawn, 'the label on disk is what was drawn')
    listed = json.load(open('corrected/dataset.json', encoding='utf-8'))
    check.claim(listed['dataset'][name]['label'] == f'labels/{name}.nii.gz', 'it is listed')
    left = w.value("(async () => { const from = now.from; $('save').click(); changed(); "
                   "for (let i = 0; i < 1200 && now.from === from; i++) "
                   "await new Promise(r => setTimeout(r, 50)); "
                   "return now.changed; })()")
    check.claim(left == 1, f'a stroke while the label is saved is not taken for saved: {left}')
    w.key('z', 2)
    check.claim(w.value('[...attunet.maskValues()]') == list(mask), 'undo takes it back')
    w.click('predict')
    asked = w.until(ASKED)
    check.claim(asked, 'a prediction asks before it replaces strokes that are not saved')
    w.key(' ')
    check.claim(w.until('!' + ASKED) and w.value('now.changed') > 0,
                'the key that paints cancels: no stroke is lost')
    w.click('predict')
    w.until(ASKED)
    w.click('yes')
    w.says('Done')
    # A mask that does not come from the saved label replaces it only after a question.
    w.click('save')
    asked = w.until(ASKED)
    check.claim(asked, 'another mask asks: ' +
                w.value("document.getElementById('question').textContent"))
    w.click('no')
    w.says('Not saved')
    check.claim(list(voxels(path)[1]) == drawn, 'and leaves the label as it was')
    w.click('save')
    w.until(ASKED)
    w.click('yes')
    w.says('Saved')
    check.claim(list(voxels(path)[1]) != drawn, 'unless one says yes')
    check.claim(not glob.glob('corrected/**/*tmp*', recursive=True), 'nothing else lies there')


def keeps(w, name):
    """The question before the next case can save the mask."""
    path = f'corrected/labels/{name}.nii.gz'
    before = voxels(path)
    w.value("document.getElementById('canvas').focus()")
    for key in ('4', ' '):
        w.key(key)
    drawn = w.value('[...attunet.maskValues()]')
    w.key('n')
    w.until(ASKED)
    w.picture('question.png')
    w.click('keep')
    opened = w.until(f"now.name !== '{name}' && {SAYS}.includes('is open')")
    after = list(voxels(path)[1])
    check.claim(opened and after == drawn and after != list(before[1]),
                'the question saves the label, and the next case opens')
    w.value("document.getElementById('canvas').focus()")
    w.b.call('Input.dispatchMouseEvent', type='mouseMoved', x=400, y=300)  # the viewer wants it
    w.key('p')
    check.claim(w.until(f"now.name === '{name}' && {SAYS}.includes('is open')"),
                'the key p opens the previous case')


def opens_two(w):
    """At once: the second one is shown, with its own mask."""
    name = w.value("(async () => { const [a, b] = cases; openCase(a); await openCase(b); "
                   "return b.name; })()")
    mask = voxels(f'volumes/validation/{name}.nii.gz')[1]
    shown, seen = w.value('now.name'), w.value(SEEN)
    check.claim(shown == name and seen == counts(mask), f'{shown} has the mask of {name}: {seen}')


def stops(w):
    """A case whose prediction was stopped has an empty mask to draw on."""
    seen = w.value("(async () => { const real = predict; predict = async () => { "
                   "throw new DOMException('', 'AbortError'); }; "
                   "await openCase({...cases[0], label: '', mask: false}); predict = real; "
                   f"return {SEEN}; }})()")
    said = w.value(SAYS)
    check.claim(said == 'Stopped.' and list(seen) == ['0'], f'{said} The mask: {seen}')


def predicts(w, downloads):
    """Files that are dropped or chosen."""
    w.choose('model', 'volumes')
    w.value("bars = 0; new MutationObserver(() => { bars += !$('progress').hidden; })"
            ".observe($('progress'), {attributes: true}); 0")
    w.drop('image.nii.gz')
    bars = w.value("$('progress').hidden && bars")
    check.claim(bars, f'a file that is dropped is predicted, with a bar meanwhile: {bars}')
    masked = voxels('mask.nii.gz')[1]
    seen = w.value(SEEN)
    check.claim(seen == counts(masked),
                f'the mask that is shown has the voxels of attunet predict: {seen}')
    w.click('download')
    w.says('Downloaded')
    path = os.path.join(downloads, 'image_mask.nii.gz')
    w.until(f'{SAYS} !== ""')
    for _ in range(100):
        if os.path.exists(path) and os.path.getsize(path):
            break
        w.value('new Promise(r => setTimeout(r, 100))')
    check.claim(voxels(path) == voxels('mask.nii.gz'), 'the download is that of attunet predict')
    w.picture('volume.png')
    w.value("document.querySelector('#classes input').click()")
    w.choose('slices', '0')
    w.choose('opacity', '1')
    w.picture('class.png')
    w.choose('model', 'slices')
    w.send('image.png')
    w.picture('picture.png')
    down = w.value('attunet.now().volume.affine[1][1]')
    check.claim(down == -1, f'rows of a picture go down: {down}')
    hidden = w.value("document.getElementById('save').hidden")
    check.claim(hidden, 'a dropped file is no case, so there is no label of it')


def many_classes(w):
    """The viewer has bytes, so 256 values and more would become one."""
    said = w.value("(() => { const kept = classes; try { return indices(Uint16Array.from("
                   "{length: 300}, (_, i) => i)).length; } catch (e) { return e.message; } "
                   "finally { classes = kept.slice(0, 3); } })()")
    check.claim('at most 255 classes' in str(said), f'more are refused: {said}')


def other_grid(w):
    said = w.value("values16('/case/0/mask').then(v => v.length, e => e.message)")
    check.claim('give the mask of this image' in str(said), f'a mask of another size: {said}')


def draws_first(w):
    """A mask without classes, as of an image that is opened without a model."""
    w.value("(async () => { classes = classes.slice(0, 1); "
            "await setMask(new Uint16Array(now.volume.voxels), ''); })()")
    w.value("document.getElementById('canvas').focus()")
    for key in ('4', ' '):
        w.key(key)
    drawn = set(w.value('[...attunet.maskValues()]'))
    check.claim(drawn == {0, 1}, f'one can draw without a model: {drawn}')
    w.value('now.changed = 0')  # else the browser asks before it ends


def walk(w, axe, downloads):
    check.claim(w.until("document.body.dataset.ready === 'yes'"), 'the page is ready')
    layout(w, '1280 px')
    name, dims, mask = opens_a_run(w)
    corrects(w, name, dims, mask)
    keeps(w, name)
    opens_two(w)
    stops(w)
    predicts(w, downloads)
    accessible(w, axe, 'light')
    w.look(1280, 800, 'dark')
    accessible(w, axe, 'dark')
    w.picture('dark.png')
    w.look(820, 1180, 'light')
    layout(w, 'tablet')
    accessible(w, axe, 'tablet')
    w.picture('tablet.png')
    many_classes(w)
    other_grid(w)
    draws_first(w)


def main():
    program, attunet, folder = sys.argv[1:4]
    os.makedirs(folder, exist_ok=True)
    server = subprocess.Popen([attunet, 'view', 'volumes', 'slices/model.safetensors',
                               '--address-only'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    address = server.stdout.readline().strip()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = check.Browser(program, profile, FLAGS)
        downloads = os.path.join(profile, 'downloads')
        browser.call('Browser.setDownloadBehavior', behavior='allow', downloadPath=downloads)
        target = browser.call('Target.createTarget', url='about:blank')['targetId']
        browser.session = browser.call('Target.attachToTarget', targetId=target,
                                       flatten=True)['sessionId']
        for domain in ('Page', 'Network', 'Runtime', 'Log', 'DOM'):
            browser.call(domain + '.enable')
        w = Walk(browser, folder)
        w.look(1280, 800, 'light')
        browser.call('Page.navigate', url=address)
        browser.wait('Page.loadEventFired')
        walk(w, (sys.argv + [''])[4], downloads)
        asked = [e['params']['request']['url'] for e in browser.events
                 if e.get('method') == 'Network.requestWillBeSent']
        strange = [u for u in asked if not u.startswith((address.split('#')[0], 'data:', 'blob:'))]
        check.claim(asked and not strange, f'nothing is asked from elsewhere: {strange[:3]}')
        said = [json.dumps(e['params'])[:300] for e in browser.events
                if e.get('method') == 'Runtime.exceptionThrown' or
                (e.get('method') == 'Log.entryAdded' and
                 e['params']['entry']['level'] == 'error') or
                e.get('method') == 'Runtime.consoleAPICalled']
        check.claim(not said, f'nothing on the console: {said[:3]}')
        browser.end()
    server.terminate()
    server.wait()
    sys.exit(check.bad > 0)


main()
