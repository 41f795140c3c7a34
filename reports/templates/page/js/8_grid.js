// The table: only rows in sight are in the document. One row has the focus; arrows move it, Enter opens it.
const open = new Map();                       // row number -> height of what stands below it
const grid = $('grid'), body = $('grid-body');
let focus = 0, drawn = [0, 0];
const tall = () => matchMedia('(max-width: 720px)').matches ? 84 + 17 * GRADED.length : Math.max(44, 10 + 17 * GRADED.length);

// where a row begins, in pixels; few rows are open
function topOf(k) {
  let extra = 0;
  for (const [row, height] of open) if (row < k) extra += height;
  return k * tall() + extra;
}
function rowAt(y) {
  let low = 0, high = shownRows.length;
  while (low < high) { const mid = low + high >> 1; if (topOf(mid + 1) <= y) low = mid + 1; else high = mid; }
  return low;
}

function badge(i) {
  const here = decisions[columnId(i)];
  if (here) return el('span.badge.here', {}, word('verdict.' + here.verdict) + (here.verdict === 'relabel' ? ' → ' + labelled(here.to) : ''), el('small', {}, word('page.here')));
  if (isStale(i)) return el('span.badge.stale', {}, word('page.s.stale'));
  const s = D.standings[standingNow(i)];
  return s ? el('span.badge.' + s, {}, word('standing.' + s)) : '';
}

// one line for each further taxonomy, in the order of the heading: grade and narrowest class; with its name where there is no heading
function gradedLine(g, m) {
  const x = g.of[m], alone = matchMedia('screen and (max-width: 720px)').matches;
  return el('div', {title: g.source + ': ' + (x ? x[0].join(' / ') + ' · ' + x[1] : word('page.unmapped'))},
    alone ? el('span.soft', {}, foreign(g.source, 16), ' ') : '', x ? [el('b', {}, foreign(x[1], 20)), ' ', foreign(x[0][x[0].length - 1], 40)] : el('span.soft', {}, word('page.unmapped')));
}

function row(k) {
  const i = shownRows[k], m = meaning(i), here = decisions[columnId(i)];
  const cell = (kind, ...inside) => el('div.' + kind, {role: 'gridcell'}, ...inside);
  const line = el('div.line' + (k % 2 ? '.odd' : '') + (here ? '.changed' : standingNow(i) === 4 ? '.possible' : ''), {role: 'row', 'aria-rowindex': k + 2, 'aria-expanded': String(open.has(k)), tabindex: k === focus ? 0 : -1, 'data-k': k},
    cell('where', el('span.soft', {}, foreign(tableId(i), 70))),
    cell('what', el('b', {}, foreign(S[C.name[i]], 80)), S[C.comment[i]] ? el('span.soft', {}, foreign(S[C.comment[i]], 60)) : ''),
    cell('label', m ? titled(m) : el('span.soft', {}, '—')), cell('category', m ? categoryWords(m) : ''),
    cell('grade', m ? word('grade.' + m[4]) : ''), GRADED.length ? cell('gradings', m ? GRADED.map(g => gradedLine(g, C.meaning[i])) : '') : '',
    cell('sensitive', m && m[5] !== 'no' ? el('span.' + m[5], {}, word('sensitive.' + m[5])) : ''),
    cell('confidence', m ? two(C.confidence[i]) : ''), cell('standing', badge(i)));
  line.style.height = tall() + 'px';
  return open.has(k) ? [line, openPart(k)] : [line];
}

// what stands below an open row is made once, so that a half-filled form survives scrolling
const under = new Map();
function openPart(k) {
  if (!under.has(k)) under.set(k, el('div.under', {role: 'row', 'data-under': k}, el('div', {role: 'gridcell'}, detail(shownRows[k]))));
  return under.get(k);
}

function draw() {
  const from = Math.max(0, rowAt(grid.scrollTop) - 8), to = Math.min(shownRows.length, rowAt(grid.scrollTop + grid.clientHeight) + 9);
  const rows = [];
  for (let k = from; k < to; k++) rows.push(...row(k));
  const active = document.activeElement, held = active && body.contains(active) ? active : null;
  body.replaceChildren(el('div', {style: 'height:' + topOf(from) + 'px'}), ...rows,
    el('div', {style: 'height:' + (topOf(shownRows.length) - topOf(to)) + 'px'}));
  drawn = [from, to];
  for (const part of body.querySelectorAll('[data-under]')) open.set(Number(part.dataset.under), part.offsetHeight);
  grid.setAttribute('aria-rowcount', shownRows.length + 1);
  if (!held) return;
  const again = held.isConnected ? held : body.querySelector('[data-k="' + held.dataset.k + '"]');
  (again || grid).focus({preventScroll: true});
}

// everything again; about: the column whose details stay open
function refresh(about) {
  under.clear();
  const rowOpen = about === undefined ? -1 : [...open.keys()].find(k => shownRows[k] === about);
  const within = rowOpen >= 0;
  if (!within) apply();
  else { const before = shownRows; apply(); if (shownRows[rowOpen] !== about) { shownRows = before; } }
  focus = Math.min(focus, Math.max(shownRows.length - 1, 0));
  if (!within) { grid.scrollTop = 0; focus = 0; }
  draw();
  if (within) { const line = body.querySelector('[data-k="' + rowOpen + '"]'); if (line) line.focus({preventScroll: true}); }
}

function toggle(k) {
  under.delete(k);
  if (open.has(k)) open.delete(k); else open.set(k, 0);
  move(k);
  draw();
  const line = body.querySelector('[data-k="' + k + '"]');
  if (line) { line.focus({preventScroll: true}); if (open.has(k)) line.scrollIntoView({block: 'nearest'}); }
}

function move(k) {
  focus = Math.max(0, Math.min(k, shownRows.length - 1));
  const y = topOf(focus), head = $('grid-head').offsetHeight;
  if (y < grid.scrollTop) grid.scrollTop = y;
  if (y + tall() + head > grid.scrollTop + grid.clientHeight) grid.scrollTop = y + tall() + head - grid.clientHeight;
  draw();
  const line = body.querySelector('[data-k="' + focus + '"]');
  if (line) line.focus({preventScroll: true});
}

body.addEventListener('click', e => {
  const line = e.target.closest('[data-k]');
  if (line && !getSelection().toString()) toggle(Number(line.dataset.k));
});
grid.addEventListener('keydown', e => {
  const inside = e.target.closest('.under');
  if (inside) {
    if (e.key === 'Escape') { const k = Number(inside.dataset.under); open.delete(k); move(k); }
    return;
  }
  const page = Math.max(1, Math.floor(grid.clientHeight / tall()) - 2);
  const to = {ArrowDown: focus + 1, ArrowUp: focus - 1, PageDown: focus + page, PageUp: focus - page, Home: 0, End: shownRows.length - 1}[e.key];
  if (to !== undefined) { e.preventDefault(); move(to); }
  else if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); if (shownRows.length) toggle(focus); }
  else if (e.key === 'ArrowRight' && !open.has(focus) || (e.key === 'ArrowLeft' || e.key === 'Escape') && open.has(focus)) { e.preventDefault(); toggle(focus); }
});
grid.addEventListener('focus', () => { const line = body.querySelector('[tabindex="0"]'); if (line) line.focus({preventScroll: true}); });
let asked = false;
grid.addEventListener('scroll', () => {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const from = rowAt(grid.scrollTop), to = rowAt(grid.scrollTop + grid.clientHeight);
    if (from < drawn[0] || to >= drawn[1] - 1 && drawn[1] < shownRows.length || from > drawn[1]) draw();
  });
});
new ResizeObserver(() => draw()).observe(grid);
speaks.push(() => { under.clear(); apply(); draw(); });
