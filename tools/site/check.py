# SPDX-License-Identifier: Apache-2.0
"""Looks at the pages of the site as a reader does, in Chromium: at two widths, light and dark.

No page scrolls sideways, text has a contrast of 4.5:1 (large text 3:1), no request leaves, each
link and anchor leads somewhere, and the search finds things.

usage: check.py CHROMIUM FOLDER    (with the pages; prints a line per fault, exit 1 with one)"""
import functools
import html.parser
import http.server
import json
import os
import pathlib
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'tests' / 'report'))
from check import LOOK, Browser  # noqa: E402

CONTRAST = LOOK[LOOK.index('  const parse ='):LOOK.index("  for (const m of all('svg")]
VIEW = """(() => {
  const wrong = [], root = document.documentElement;
  if (root.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('body *')].filter(
      e => e.getBoundingClientRect().right > innerWidth + 1);
    wrong.push('scrolls sideways: ' + (wide[0] ? wide[0].outerHTML.slice(0, 120) : ''));
  }
  if (document.querySelectorAll('h1').length !== 1) wrong.push('has not one h1');
  for (const i of document.querySelectorAll('img'))
    if (!i.alt && i.getAttribute('aria-hidden') !== 'true') wrong.push('picture without alt');
""" + CONTRAST.replace('if (!text ||', 'if (!text || !e.checkVisibility({opacityProperty: true, '
                       'visibilityProperty: true}) || !e.closest(".md-content") ||') + """
  return JSON.stringify({wrong, least});
})()"""
SEARCH = """(async () => {
  const query = document.querySelector('[data-md-component=search-query]');
  document.querySelector('[data-md-toggle=search]').checked = true;
  query.focus();
  query.value = 'hausdorff';
  for (const kind of ['focus', 'keydown', 'input', 'keyup'])
    query.dispatchEvent(new Event(kind, {bubbles: true}));
  for (let i = 0; i < 100; i++) {
    await new Promise(done => setTimeout(done, 100));
    const found = document.querySelectorAll('.md-search-result__item');
    if (found.length) return found.length;
  }
  return 0;
})()"""


class Links(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.ids = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ('id', 'name') and value:
                self.ids.add(value)
            if name in ('href', 'src') and value:
                self.links.append(value)


def broken(pages):
    """Links within the site that lead nowhere."""
    known = {page: Links(page.read_text(encoding='utf-8')) for page in pages}
    for page, found in known.items():
        for link in found.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or page.name == '404.html' or link.startswith(('/', 'data:')):
                continue
            to = (page.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else page
            if not to.exists():
                yield '%s: %s is not there' % (page.name, link)
            elif parts.fragment and to in known and urllib.parse.unquote(
                    parts.fragment) not in known[to].ids:
                yield '%s: %s has no such place' % (page.name, link)


def opened(browser, url, width, scheme):
    browser.session = None
    target = browser.call('Target.createTarget', url='about:blank')['targetId']
    browser.session = browser.call('Target.attachToTarget', targetId=target, flatten=True)[
        'sessionId']
    for domain in 'Page', 'Network', 'Runtime':
        browser.call(domain + '.enable')
    browser.call('Emulation.setDeviceMetricsOverride', width=width, height=900,
                 deviceScaleFactor=1, mobile=width < 600)
    browser.call('Emulation.setEmulatedMedia',
                 features=[{'name': 'prefers-color-scheme', 'value': scheme}])
    browser.events = []
    browser.call('Page.navigate', url=url)
    browser.wait('Page.loadEventFired')
    time.sleep(.2)  # the theme sets its colours
    return target


def looked_at(browser, server, name):
    url = server + name
    for width in 375, 1280:
        for scheme in 'light', 'dark':
            target = opened(browser, url, width, scheme)
            seen = json.loads(browser.call('Runtime.evaluate', expression=VIEW)['result']['value'])
            where = '%s at %d, %s' % (name, width, scheme)
            for wrong in seen['wrong'][:5]:
                yield '%s: %s' % (where, wrong)
            for event in browser.events:
                if event.get('method') == 'Network.requestWillBeSent':
                    asked = event['params']['request']['url']
                    if not asked.startswith((server, 'data:', 'blob:')):
                        yield '%s: asks for %s' % (where, asked)
            browser.session = None
            browser.call('Target.closeTarget', targetId=target)


def searched(browser, server):
    target = opened(browser, server, 1280, 'light')
    found = browser.call('Runtime.evaluate', expression=SEARCH, awaitPromise=True)['result']
    browser.session = None
    browser.call('Target.closeTarget', targetId=target)
    if not found.get('value'):
        yield 'the search finds nothing'


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def browsed(folder, pages, server):
    faults = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(sys.argv[1], profile)
        try:
            for page in pages:
                if page.name != '404.html':
                    faults += looked_at(browser, server, str(page.relative_to(folder)))
            faults += searched(browser, server)
        finally:
            browser.end()
    return faults


def main():
    folder = pathlib.Path(sys.argv[2]).resolve()
    pages = sorted(folder.rglob('*.html'))
    faults = list(broken(pages))
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as http_server:
        threading.Thread(target=http_server.serve_forever, daemon=True).start()
        server = 'http://127.0.0.1:%d/' % http_server.server_port
        faults += browsed(folder, pages, server)
        http_server.shutdown()
    print('\n'.join(faults + ['%d pages, %d faults' % (len(pages), len(faults))]))
    return 1 if faults else 0


sys.exit(main())
