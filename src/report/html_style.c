/* SPDX-License-Identifier: Apache-2.0 */
/* The style sheet of every page. Text has a contrast of 4.5:1 or more against what it stands on, lines and dots of charts 3:1, light and
 * dark (WCAG 2.1, 1.4.3 and 1.4.11); tests/report/check.py measures it. */
#include "report/html_style.h"

const char *const html_style[HTML_STYLES] = {
    /* colours */
    ":root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1b2027;--faint:#57606c;--line:#dde1e7;--grid:#e8ebef;"
    "--accent:#1a5cab;--good:#176b3a;--good-back:#e7f5ec;--bad:#a3261a;--bad-back:#fdeeec;"
    "--k0:#c8402c;--k1:#2068b8;--k2:#1f7f46;--k3:#946200;--k4:#7a45a8;--k5:#0e7a80;--k6:#b83a80;--k7:#7a5838}"
    "@media (prefers-color-scheme:dark){:root{--paper:#121519;--card:#1a1e24;--ink:#e7eaee;--faint:#a6afba;--line:#323943;--grid:#272d35;"
    "--accent:#7db4f5;--good:#74d39c;--good-back:#14291d;--bad:#ff9d8f;--bad-back:#331a17;"
    "--k0:#ff8370;--k1:#6fb0fa;--k2:#5fce8c;--k3:#e3b04b;--k4:#c49af0;--k5:#4fcfd6;--k6:#f48cc2;--k7:#cba583}}"
    ".k0{--k:var(--k0)}.k1{--k:var(--k1)}.k2{--k:var(--k2)}.k3{--k:var(--k3)}.k4{--k:var(--k4)}.k5{--k:var(--k5)}.k6{--k:var(--k6)}"
    ".k7{--k:var(--k7)}.ki{--k:var(--ink)}",

    /* text */
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto "
    "Sans\",sans-serif;"
    "overflow-wrap:break-word}"
    "header,main,footer{max-width:70rem;margin:0 auto;padding:0 1.25rem}header{padding-top:2rem}"
    "h1{font-size:1.75rem;line-height:1.2;margin:0;letter-spacing:-.01em}h2{font-size:1.25rem;margin:0 0 .75rem}"
    "h3{font-size:1rem;margin:1.5rem 0 .5rem}p{margin:.5rem 0;max-width:46rem}a{color:var(--accent)}"
    ".sub,.note,figcaption,caption,.more,footer{color:var(--faint)}.note,figcaption,caption,footer{font-size:.875rem}.sub{margin:.25rem 0 "
    "0}"
    ".good,.bad{padding:.6rem .9rem;border-left:4px solid;border-radius:4px;max-width:none}"
    ".good{background:var(--good-back);color:var(--good)}.bad{background:var(--bad-back);color:var(--bad)}"
    "code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}"
    "nav{margin:1rem 0 0}nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:0;padding:0}nav "
    "a{display:inline-block;"
    "padding:.25rem 0}"
    ".skip{position:absolute;left:-999em}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem}"
    ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}",

    /* sections, facts, terms */
    "section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.25rem;margin:1.25rem 0}"
    ".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:1rem;margin:1.25rem 0 0;padding:0}"
    ".facts div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.8rem 1rem}"
    ".facts dt{color:var(--faint);font-size:.8125rem}.facts dd{margin:0}.facts .value{font-size:1.5rem;line-height:1.25;font-weight:600;"
    "font-variant-numeric:tabular-nums}.more{font-size:.8125rem}"
    ".terms{display:grid;grid-template-columns:minmax(7rem,max-content) minmax(0,1fr);gap:.35rem 1.25rem;margin:.5rem 0}"
    ".terms dt{color:var(--faint)}.terms dd{margin:0;overflow-wrap:anywhere}"
    "details{margin:.75rem 0 0}summary{cursor:pointer;color:var(--accent);padding:.25rem 0;width:fit-content}"
    "footer{padding-bottom:2rem}",

    /* tables, charts, pictures */
    ".scroll{overflow-x:auto;margin:.75rem 0 0}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9375rem}"
    "caption{text-align:left;padding:0 0 .4rem;min-width:min(20rem,80vw)}"
    "th,td{padding:.35rem .65rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}"
    "thead th{color:var(--faint);font-weight:600;font-size:.8125rem;white-space:nowrap;vertical-align:bottom}"
    "tbody th{font-weight:500;position:sticky;left:0;background:var(--card);min-width:6.5rem;max-width:16rem;overflow-wrap:break-word}"
    ".n{text-align:right;white-space:nowrap}tbody tr:last-child>*{border-bottom:0}td:last-child:not(.n){min-width:12rem}"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1.25rem;margin:.75rem 0}"
    "figure{margin:0}svg{display:block;width:100%;height:auto;max-width:40rem}svg text{fill:var(--faint);font-size:12px}"
    "svg .t{fill:var(--ink);font-size:13px;font-weight:600}svg .g{stroke:var(--grid)}svg .a{stroke:var(--faint)}"
    "svg .l{fill:none;stroke:var(--k);stroke-width:2;stroke-linejoin:round}svg .d{fill:var(--k);fill-opacity:.75}"
    "svg .h{stroke:var(--k);stroke-width:1.5;stroke-dasharray:5 4}svg .b{stroke:var(--k);stroke-width:6;stroke-opacity:.4}"
    "svg .m{stroke:var(--k);stroke-width:3}svg .w{stroke-dasharray:7 4}"
    ".key{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.5rem 0;padding:0;font-size:.875rem}"
    ".key i{display:inline-block;width:.75em;height:.75em;border-radius:3px;background:var(--k);margin-right:.45em}"
    ".key b{font-weight:600;margin-left:.4em;font-variant-numeric:tabular-nums}"
    ".pics{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(47%,9.5rem),1fr));gap:.75rem;margin:.5rem 0}"
    ".pics img{display:block;width:100%;height:auto;border-radius:6px;background:#181a1f;image-rendering:pixelated}"
    ".pics figcaption{padding-top:.25rem;line-height:1.3}"
    ".kx{--k:#ff8c1a}.ky{--k:#4aa3ff}.kz{--k:#f2e24b}.kt{--k:#35c46a}",

    /* small screens, paper */
    "@media (max-width:40rem){header,main,footer{padding-left:.8rem;padding-right:.8rem}section{padding:.9rem}h1{font-size:1.4rem}"
    ".terms{grid-template-columns:1fr;gap:0}.terms dd{margin:0 0 .5rem}.facts{grid-template-columns:repeat(2,minmax(0,1fr));gap:.6rem}"
    ".facts div{padding:.6rem .75rem}th,td{padding:.35rem .5rem}tbody th{max-width:8.5rem}}"
    "@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--faint:#444;--line:#bbb;--grid:#ddd;--accent:#000;"
    "--good:#000;--good-back:#fff;--bad:#000;--bad-back:#fff;"
    "--k0:#c8402c;--k1:#2068b8;--k2:#1f7f46;--k3:#946200;--k4:#7a45a8;--k5:#0e7a80;--k6:#b83a80;--k7:#7a5838}"
    "body{font-size:10pt}nav,.skip{display:none}header,main,footer{max-width:none;padding:0}section{border:0;border-top:1px solid #bbb;"
    "border-radius:0;padding:.5rem 0}figure,tr,.facts div{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}"
    "table{font-size:8.5pt}th,td{padding:.15rem .4rem}tbody th{position:static}img,svg{print-color-adjust:exact;"
    "-webkit-print-color-adjust:exact}details::details-content{content-visibility:visible;block-size:auto}}",
};
