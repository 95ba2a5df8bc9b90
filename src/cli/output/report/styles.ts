/** The look of the report. Contrasts are AA in both schemes; the browser test checks that. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #ffffff; --text: #1b2330; --soft: #525d6e; --line: #d9dee6; --accent: #1d4ed8; --code: #f1f3f7;
  --good: #17693a; --good-soft: #e2f4e8; --bad: #b3202a; --bad-soft: #fdeaea; --doubt: #7f5200; --doubt-soft: #fdf2d8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10141b; --card: #181e28; --text: #e8ecf3; --soft: #aab4c3; --line: #323c4b; --accent: #8ab4ff; --code: #10151d;
    --good: #7fdca0; --good-soft: #14301f; --bad: #ff9d9d; --bad-soft: #3b191c; --doubt: #f3c969; --doubt-soft: #36290d;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 1rem; font-weight: 600; margin: 0 0 1rem; color: var(--soft); letter-spacing: .01em; }
h2 { font-size: 1.2rem; margin: 0 0 .9rem; }
h3 { font-size: .95rem; margin: 1rem 0 .35rem; }
p { margin: 0 0 .6rem; }
a { color: var(--accent); }
code, pre, .id { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; font-size: .88em; }
.id { color: var(--soft); white-space: nowrap; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.wrap { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
.skip { position: absolute; left: -99rem; background: var(--card); padding: .5rem 1rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 1; }
.soft { color: var(--soft); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

header { background: var(--card); border-bottom: 1px solid var(--line); padding: 1.6rem 0 1.1rem; }
.status { display: flex; gap: 1rem; align-items: flex-start; border-radius: 12px; padding: 1.1rem 1.3rem; margin-bottom: 1.2rem; border-left: 8px solid; }
.status p { margin: 0; }
.status .words { font-size: 1.45rem; font-weight: 650; line-height: 1.3; }
.status .sub { margin-top: .25rem; color: var(--text); }
.status .sign { flex: none; width: 2.4rem; height: 2.4rem; border-radius: 50%; color: var(--card); display: grid; place-items: center; font-size: 1.35rem; font-weight: 700; }
.status.good { background: var(--good-soft); border-color: var(--good); } .status.good .sign { background: var(--good); }
.status.bad { background: var(--bad-soft); border-color: var(--bad); } .status.bad .sign { background: var(--bad); }
.status.doubt { background: var(--doubt-soft); border-color: var(--doubt); } .status.doubt .sign { background: var(--doubt); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .7rem 1.5rem; margin: 0; }
.facts div { min-width: 0; }
@media (min-width: 46rem) { .facts .wide { grid-column: span 2; } }
.facts dt { color: var(--soft); font-size: .82rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem; margin: 0; padding: 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .7rem 1rem; color: var(--soft); font-size: .88rem; }
.tiles b { display: block; font-size: 1.7rem; line-height: 1.2; color: var(--text); font-variant-numeric: tabular-nums; }
.tiles .good b { color: var(--good); } .tiles .bad b { color: var(--bad); } .tiles .doubt b { color: var(--doubt); }
.share { display: block; width: 100%; height: 10px; margin: .9rem 0 0; border-radius: 5px; background: var(--line); }
.share .good { fill: var(--good); } .share .bad { fill: var(--bad); } .share .doubt { fill: var(--doubt); }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; list-style: none; margin: 1.1rem 0 0; padding: 0; font-size: .92rem; }

main.wrap { padding-top: 1.3rem; padding-bottom: 1rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.2rem 1.35rem; margin: 0 0 1.2rem; }
section.plain { background: none; border: 0; padding: 0; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .82rem; }
tbody th { font-weight: 600; }
.scroll { overflow-x: auto; }
.badge { display: inline-block; border-radius: 99px; padding: .08rem .6rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.badge.good { background: var(--good-soft); color: var(--good); } .badge.bad { background: var(--bad-soft); color: var(--bad); }
.badge.doubt { background: var(--doubt-soft); color: var(--doubt); } .badge.none { background: var(--code); color: var(--soft); }
.decisions th, .decisions td:nth-child(2) { overflow-wrap: normal; }
.decisions td:nth-child(2) { white-space: nowrap; }
.checks tbody td:first-child { width: 7.5rem; } .checks tbody th { width: 42%; }
.calls { width: 22rem; max-width: 100%; } .calls td, .calls thead th:last-child { text-align: right; padding-right: 0; font-variant-numeric: tabular-nums; }
.findings { list-style: none; margin: 0; padding: 0; }
.findings > li { border-left: 4px solid var(--line); padding: .1rem 0 .1rem .9rem; margin: 0 0 .9rem; overflow-wrap: anywhere; }
.findings > li.bad { border-color: var(--bad); } .findings > li.doubt { border-color: var(--doubt); }
.findings p { margin: .15rem 0 0; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: .7rem .9rem; margin: .3rem 0 .7rem; overflow-x: auto; line-height: 1.45; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 0 1rem; }

.tools { display: flex; flex-wrap: wrap; gap: .8rem 1.5rem; align-items: end; margin-bottom: .6rem; }
.tools .search { flex: 1 1 18rem; }
.tools label.title, .tools legend { display: block; font-size: .82rem; color: var(--soft); margin-bottom: .2rem; padding: 0; }
input[type=search] { width: 100%; font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft); border-radius: 8px; padding: .45rem .7rem; }
fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .35rem; }
.chip { position: relative; }
.chip input { position: absolute; opacity: 0; inset: 0; width: 100%; height: 100%; margin: 0; cursor: pointer; }
.chip span { display: block; border: 1px solid var(--soft); border-radius: 99px; padding: .35rem .85rem; font-size: .88rem; }
.chip input:checked + span { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600; }
.chip input:focus-visible + span { outline: 3px solid var(--accent); outline-offset: 2px; }
button { font: inherit; color: var(--accent); background: none; border: 1px solid var(--accent); border-radius: 8px; padding: .3rem .9rem; margin: .5rem 0; cursor: pointer; }
.bar { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: center; justify-content: space-between; }
.bar p { margin: 0; color: var(--soft); }

details > summary { cursor: pointer; border-radius: 6px; }
.unit > summary { padding: .4rem .3rem; font-weight: 600; }
.unit > summary .badge { margin-left: .35rem; }
.unit > summary .id { margin-left: .5rem; font-weight: 400; }
.unit > .body { margin-left: .55rem; padding-left: .95rem; border-left: 2px solid var(--line); }
ul.accounts { list-style: none; margin: 0; padding: 0; }
ul.accounts > li { border-top: 1px solid var(--line); }
ul.accounts > li:first-child { border-top: 0; }
.account > summary { display: grid; grid-template-columns: 8.6rem minmax(8rem, 15rem) 8.2rem 1fr; gap: .1rem .9rem; padding: .4rem .3rem; align-items: baseline; list-style: none; }
.account > summary::-webkit-details-marker { display: none; }
.account > summary:hover, .unit > summary:hover, .policy > summary:hover { background: var(--code); }
.account > summary > span:first-child::before { content: "▸" / ""; color: var(--soft); display: inline-block; width: 1rem; }
.account[open] > summary > span:first-child::before { content: "▾" / ""; }
.account .name { font-weight: 600; overflow-wrap: anywhere; }
.account .reason { color: var(--soft); overflow-wrap: anywhere; }
.account .path { grid-column: 2 / -1; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
.account[open] > summary { background: var(--code); }
.account > .body { padding: .2rem .6rem .8rem 1rem; }
.policy { border-top: 1px solid var(--line); } .policy:first-of-type { border-top: 0; }
.policy > summary { padding: .5rem .3rem; }
.policy > .body { padding: 0 .3rem .4rem 1.1rem; }
footer.wrap { color: var(--soft); font-size: .86rem; padding-bottom: 2.5rem; }
.print { display: none; }
@media screen and (max-width: 46rem) {
  .checks thead { display: none; }
  .checks tr { display: block; border-top: 1px solid var(--line); padding: .5rem 0; }
  .checks tbody td, .checks tbody th, .checks tbody td:first-child { display: block; width: auto; border: 0; padding: .1rem 0; }
  .account > .body { padding-left: .3rem; }
  .account > summary { grid-template-columns: 1fr auto; }
  .account .reason, .account .path { grid-column: 1 / -1; }
}
@media print {
  :root {
    --page: #ffffff; --card: #ffffff; --text: #000000; --soft: #3d4653; --line: #c5cbd4; --code: #ffffff; --accent: #000000;
    --good: #17693a; --good-soft: #ffffff; --bad: #b3202a; --bad-soft: #ffffff; --doubt: #7f5200; --doubt-soft: #ffffff;
  }
  @page { margin: 1.6cm; }
  body { font-size: 10pt; }
  nav, .skip, .screen, button { display: none !important; }
  .print { display: block; }
  .print table { table-layout: fixed; }
  .print td { font-size: 8.5pt; padding: .2rem .6rem .2rem 0; }
  .print th:nth-child(1) { width: 13%; } .print th:nth-child(2) { width: 15%; } .print th:nth-child(3) { width: 22%; }
  .print th:nth-child(4) { width: 22%; }
  section { border: 0; padding: 0; margin-bottom: 1.4rem; }
  .tiles { grid-template-columns: repeat(5, 1fr); }
  .status { border: 1px solid; border-left: 8px solid; }
  .badge { padding: 0; }
  h2, h3, summary { break-after: avoid; }
  tr, .findings > li, .tiles li, .status { break-inside: avoid; }
  thead { display: table-header-group; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
}
`;
