# SPDX-License-Identifier: Apache-2.0
"""Opens pages in Chromium without a display and looks at them as a reader would; needs Python's
standard library and Chromium only.

usage: check.py CHROMIUM FOLDER PAGE.html...

Each page is opened from disk at widths of 375 and 1280 pixels, light and dark. Checked: nothing is
said on the console, no request leaves,
no script runs, the page does not scroll sideways, text has a contrast of 4.5:1 (large text and
marks of charts 3:1), pictures have
alternatives, tables captions and scopes, headings no gaps, what scrolls can be reached by the
keyboard; it prints. FOLDER gets screenshots
and a PDF of each page, to be looked at by people. The browser is spoken to over a pipe (Chrome
DevTools Protocol). Prints a line per claim and
exits with 1 when one does not hold."""

import base64
import json
import os
import subprocess
import sys
import tempfile

WIDTHS = (375, 1280)
LARGEST = 5 << 20

# In the page: what is wrong with it, as a list of sentences.
LOOK = r"""(() => {
  const wrong = [], all = q => [...document.querySelectorAll(q)];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) {
    const wide = all('body *').filter(
      e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll'));
    wrong.push('scrolls sideways: ' + root.scrollWidth + ' of ' + innerWidth + ', ' +
      (wide[0] ? wide[0].outerHTML.slice(0, 120) : ''));
  }
  if (root.lang !== 'en') wrong.push('no language');
  if (document.scripts.length) wrong.push('has a script');
  if (all('*').some(e => [...e.attributes].some(a => a.name.startsWith('on'))))
    wrong.push('has a handler');
  if (all('h1').length !== 1) wrong.push('has not one h1');
  let level = 1;
  for (const h of all('h1,h2,h3,h4')) {
    const own = +h.tagName[1];
    if (own > level + 1) wrong.push('heading leaps: ' + h.textContent);
    level = own;
  }
  for (const i of all('img')) {
    if (!i.alt) wrong.push('picture without alt');
    if (!i.complete || !i.naturalWidth) wrong.push('picture does not load: ' + i.alt);
  }
  for (const s of all('svg'))
    if (s.getAttribute('role') !== 'img' || !s.querySelector('title') || !s.querySelector('desc'))
      wrong.push('chart without title');
  for (const t of all('table')) {
    if (!t.caption) wrong.push('table without caption');
    if ([...t.querySelectorAll('th')].some(h => !h.scope)) wrong.push('heading without scope');
  }
  for (const s of all('.scroll'))
    if (s.tabIndex !== 0 || !s.getAttribute('aria-label')) wrong.push('cannot be scrolled by keys');
  for (const a of all('a[href^="#"]'))
    if (!document.getElementById(a.hash.slice(1))) wrong.push('leads nowhere: ' + a.hash);
  const ids = all('[id]').map(e => e.id);
  if (new Set(ids).size !== ids.length) wrong.push('two elements have one id');
  const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
  const light = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const contrast = (a, b) => {
    const x = light(a), y = light(b);
    return (Math.max(x, y) + .05) / (Math.min(x, y) + .05);
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let least = 99;
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement, style = getComputedStyle(e);
    const text = walk.currentNode.textContent.trim(), size = parseFloat(style.fontSize);
    if (!text || ['title', 'desc'].includes(e.tagName.toLowerCase())) continue;
    const svg = e.ownerSVGElement;
    const ratio = contrast(parse(svg ? style.fill : style.color), behind(e));
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    least = Math.min(least, ratio);
    if (ratio < (large ? 3 : 4.5))
      wrong.push('contrast ' + ratio.toFixed(2) + ': ' + text.slice(0, 40));
  }
  for (const m of all('svg .l, svg .d, svg .m')) {
    const style = getComputedStyle(m), own = m.classList.contains('d') ? style.fill : style.stroke;
    const ratio = contrast(parse(own), behind(m.ownerSVGElement));
    if (ratio < 3) { wrong.push('contrast of a mark ' + ratio.toFixed(2)); break; }
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  return JSON.stringify({wrong, least, height: root.scrollHeight, dark,
                         texts: document.body.innerText.length});
})()"""


class Browser:
    def __init__(self, program, folder, more=()):
        (out_read, self.out), (self.inn, in_write) = os.pipe(), os.pipe()

        def ends():  # the browser reads from 3 and writes to 4
            read, write = os.dup(out_read), os.dup(in_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        words = [
            program,
            '--headless=new',
            '--no-sandbox',
            '--disable-gpu',
            '--hide-scrollbars',
            '--no-first-run',
            '--disable-extensions',
            '--disable-dev-shm-usage',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
            '--user-data-dir=' + folder,
            '--remote-debugging-pipe',
            *more,
        ]
        self.process = subprocess.Popen(
            words,
            preexec_fn=ends,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(out_read)
        os.close(in_write)
        self.number, self.rest, self.events, self.session = 0, b'', [], None

    def read(self):
        while b'\0' not in self.rest:
            more = os.read(self.inn, 1 << 16)
            if not more:
                raise SystemExit('check.py: the browser has gone')
            self.rest += more
        text, self.rest = self.rest.split(b'\0', 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.out, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.read()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise SystemExit('check.py: %s: %s' % (method, answer['error'].get('message')))
                return answer['result']
            self.events.append(answer)

    def wait(self, method):
        while True:
            for i, event in enumerate(self.events):
                if event.get('method') == method:
                    return self.events.pop(i)
            self.events.append(self.read())

    def end(self):
        self.session = None
        try:
            self.call('Browser.close')
        finally:
            self.process.wait()


bad = 0


def claim(good, text):
    global bad
    bad += not good
    print(('ok ' if good else 'not ok ') + text)


def look_at(browser, folder, page):
    name, url = os.path.basename(os.path.dirname(os.path.abspath(page))) + '-' + os.path.splitext(
        os.path.basename(page)
    )[0], 'file://' + os.path.abspath(page)
    size = os.path.getsize(page)
    claim(size < LARGEST, '%s: %.2f MiB, less than 5' % (page, size / (1 << 20)))
    for width in WIDTHS:
        for scheme in ('light', 'dark'):
            browser.session = None
            target = browser.call('Target.createTarget', url='about:blank')['targetId']
            browser.session = browser.call('Target.attachToTarget', targetId=target, flatten=True)[
                'sessionId'
            ]
            for domain in ('Page', 'Network', 'Runtime', 'Log'):
                browser.call(domain + '.enable')
            browser.call(
                'Emulation.setDeviceMetricsOverride',
                width=width,
                height=900,
                deviceScaleFactor=1,
                mobile=width < 600,
            )
            browser.call(
                'Emulation.setEmulatedMedia',
                features=[{'name': 'prefers-color-scheme', 'value': scheme}],
            )
            browser.events = []
            browser.call('Page.navigate', url=url)
            browser.wait('Page.loadEventFired')
            value = json.loads(browser.call('Runtime.evaluate', expression=LOOK)['result']['value'])
            where = '%s at %d, %s' % (page, width, scheme)
            asked = [
                e['params']['request']['url']
                for e in browser.events
                if e.get('method') == 'Network.requestWillBeSent'
            ]
            asked = [u for u in asked if not u.startswith('data:') and u != url]
            said = [
                e
                for e in browser.events
                if e.get('method')
                in ('Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded')
            ]
            claim(not asked, where + ': no request leaves' + ' '.join(asked[:3]))
            claim(
                not said,
                where
                + ': nothing on the console '
                + (json.dumps(said[0]['params'])[:300] if said else ''),
            )
            claim(
                value['dark'] == (scheme == 'dark') and value['texts'] > 200,
                where + ': it is shown',
            )
            for wrong in value['wrong'][:5]:
                claim(False, where + ': ' + wrong)
            claim(
                not value['wrong'],
                '%s: laid out and named as it should be, least contrast %.1f'
                % (where, value['least']),
            )
            height = min(value['height'], 12000)
            browser.call(
                'Emulation.setDeviceMetricsOverride',
                width=width,
                height=height,
                deviceScaleFactor=1,
                mobile=width < 600,
            )
            shot = browser.call('Page.captureScreenshot', format='png')['data']
            with open(os.path.join(folder, '%s-%d-%s.png' % (name, width, scheme)), 'wb') as f:
                f.write(base64.b64decode(shot))
            if width == WIDTHS[-1] and scheme == 'dark':  # paper is light whatever the screen is
                pdf = base64.b64decode(
                    browser.call('Page.printToPDF', printBackground=False)['data']
                )
                with open(os.path.join(folder, name + '.pdf'), 'wb') as f:
                    f.write(pdf)
                claim(
                    pdf.startswith(b'%PDF') and len(pdf) > 10000,
                    '%s: prints, %d bytes' % (page, len(pdf)),
                )
            browser.session = None
            browser.call('Target.closeTarget', targetId=target)


def main():
    if len(sys.argv) < 4:
        raise SystemExit('usage: check.py CHROMIUM FOLDER PAGE.html...')
    folder = sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(sys.argv[1], profile)
        try:
            for page in sys.argv[3:]:
                look_at(browser, folder, page)
        finally:
            browser.end()
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
