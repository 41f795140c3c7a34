// Which columns are shown: filters with counts, kept in the address.
const FILTERS = ['s', 'source', 'category', 'sensitive', 'grade', 'confidence', 'label', 'leaving', 'table', 'q', 'order'];
const DEFAULTS = {s: 'found', order: 'table'};
let view = {...DEFAULTS}, shownRows = new Uint32Array(0);

const STANDS = {
  found: i => C.meaning[i] >= 0 && standingNow(i) !== 4, possible: i => standingNow(i) === 4, all: () => true, suggested: i => standingNow(i) === 1 && !isStale(i), accepted: i => standingNow(i) === 2,
  rejected: i => standingNow(i) === 3, stale: i => isStale(i), here: i => columnId(i) in decisions, none: i => C.meaning[i] < 0 && standingNow(i) !== 3,
};
const sourceOf = i => D.sources[D.tables[TABLE_OF[i]][0]][0];

// the value of a column under each filter that is a list
const FACETS = {
  source: sourceOf, category: i => meaning(i) ? meaning(i)[2] : '', sensitive: i => meaning(i) ? meaning(i)[5] : '',
  grade: i => meaning(i) ? meaning(i)[4] : '', label: i => meaning(i) ? meaning(i)[0] : '',
  confidence: i => meaning(i) ? (C.confidence[i] >= 90 ? 'high' : C.confidence[i] >= 60 ? 'middle' : 'low') : '',
};

// further taxonomies: what each says of a meaning, its class as one text and its grade; without a word on it, a blank
const GRADED = D.gradings.map(([source, title, grades, labels]) => ({
  source, title, grades, of: D.meanings.map(m => labels[m[0]] || null), keys: D.meanings.map(m => { const x = labels[m[0]]; return x ? [x[0].join(' / '), x[1]] : [' ', ' ']; }),
}));
GRADED.forEach((g, k) => ['class', 'grade'].forEach((kind, part) => {
  FILTERS.push(kind + k);
  FACETS[kind + k] = i => C.meaning[i] < 0 ? '' : g.keys[C.meaning[i]][part];
}));

// lower-case text of strings, made once
let folded = null;
const fold = () => folded || (folded = S.map(x => x.toLowerCase()));
function tests() {
  const found = {s: STANDS[view.s] || STANDS.found};
  for (const [key, of] of Object.entries(FACETS)) if (view[key]) found[key] = i => of(i) === view[key];
  if (view.leaving) found.leaving = i => i in D.leaving;
  if (view.table) { const k = new Set(D.tables.flatMap((t, n) => S[t[1]] === view.table ? [n] : [])); found.table = i => k.has(TABLE_OF[i]); }
  $('q-wrong').textContent = '';
  try { if (view.q) found.q = says(view.q); } catch (e) {
    if (!(e instanceof BadQuery)) throw e;
    $('q-wrong').textContent = word('page.no_test', {text: e.message, names: Object.keys(VALUES).join(', ')});
    found.q = () => false;
  }
  return found;
}

// rows that pass everything, and for each list how many pass everything else
function filter() {
  const asked = tests(), keys = Object.keys(asked), hits = [], counts = {};
  for (const key of Object.keys(FACETS)) counts[key] = new Map();
  const stands = Object.fromEntries(Object.keys(STANDS).map(k => [k, 0])), standsOf = Object.entries(STANDS);
  for (let i = 0; i < N; i++) {
    let failed = null, more = false;
    for (const key of keys) if (!asked[key](i)) { if (failed) { more = true; break; } failed = key; }
    if (more) continue;
    if (!failed) hits.push(i);
    for (const key in FACETS) if (!failed || failed === key) { const v = FACETS[key](i); if (v) counts[key].set(v, (counts[key].get(v) || 0) + 1); }
    if (!failed || failed === 's') for (const [key, of] of standsOf) if (of(i)) stands[key]++;
  }
  counts.s = new Map(Object.entries(stands));
  return [order(hits), counts];
}

const PRESSING = {yes: 0, depends: 1, no: 2};
function order(hits) {
  const by = {
    sensitive: i => (meaning(i) ? PRESSING[meaning(i)[5]] * 2 : 8) + (i in D.leaving ? 0 : 1), unsure: i => meaning(i) ? C.confidence[i] : 1000,
    name: null,
  };
  if (view.order === 'name') return hits.map(i => [fold()[C.name[i]], i]).sort((a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]).map(x => x[1]);
  const key = by[view.order];
  return key ? hits.map(i => [key(i), i]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(x => x[1]) : hits;
}

const NAMES = {
  s: v => word('page.s.' + v), source: v => v, sensitive: v => word('sensitive.' + v) || word('page.not_sensitive'), grade: v => word('grade.' + v),
  confidence: v => word('page.confidence.' + v), label: labelled, category: v => { const m = D.meanings.find(x => x[2] === v); return m ? categoryWords(m) : v; },
};
const FIXED = {s: Object.keys(STANDS), sensitive: ['yes', 'depends', 'no'], grade: ['core', 'important', 'general'], confidence: ['high', 'middle', 'low']};

GRADED.forEach((g, k) => {
  NAMES['class' + k] = NAMES['grade' + k] = v => v === ' ' ? word('page.unmapped') : v;
  FIXED['grade' + k] = [...g.grades].reverse().concat(' ');
});

function options(counts) {
  for (const key of ['s', ...Object.keys(FACETS)]) {
    const list = $('f-' + key), found = counts[key];
    const values = FIXED[key] || [...found.keys()].sort((a, b) => found.get(b) - found.get(a) || (a < b ? -1 : 1));
    if (view[key] && !values.includes(view[key])) values.unshift(view[key]);
    const told = values.map(v => el('option', {value: v}, shown(NAMES[key](v)).slice(0, 60) + ' (' + number(found.get(v) || 0) + ')'));
    list.replaceChildren(...(key === 's' ? [] : [el('option', {value: ''}, word('page.every'))]), ...told);
    list.value = view[key] || '';
    list.classList.toggle('set', Boolean(view[key]) && view[key] !== DEFAULTS[key]);
  }
  $('f-q').value = view.q || '';
  $('f-order').replaceChildren(...['table', 'sensitive', 'unsure', 'name'].map(v => el('option', {value: v}, word('page.order.' + v))));
  $('f-order').value = view.order;
  $('f-leaving').checked = Boolean(view.leaving);
  $('f-table').hidden = !view.table;
  $('f-table-name').replaceChildren(view.table ? foreign(view.table, 60) : '');
}

function apply() {
  const [hits, counts] = filter();
  shownRows = Uint32Array.from(hits);
  options(counts);
  const tables = new Set(hits.map(i => TABLE_OF[i])).size;
  $('count').textContent = word('page.count', {n: number(hits.length), of: number(N), tables: number(tables)});
  $('no-rows').hidden = hits.length > 0;
}

// ---- the address

const address = () => '#' + FILTERS.filter(k => view[k] && view[k] !== DEFAULTS[k]).map(k => k + '=' + encodeURIComponent(view[k])).join('&');
function fromAddress() {
  const text = location.hash.slice(1);
  if (!text.includes('=')) return false;
  const told = {...DEFAULTS};
  for (const part of text.split('&')) {
    const [key, value] = part.split('=');
    try { if (FILTERS.includes(key)) told[key] = decodeURIComponent(value || ''); } catch (e) { /* not an address of ours */ }
  }
  if (!(told.s in STANDS)) told.s = DEFAULTS.s;
  view = told;
  return true;
}
function choose(changes) {
  view = {...view, ...changes};
  history.replaceState(null, '', address() === '#' ? '#s=found' : address());
  open.clear();
  refresh();
}
for (const key of ['s', ...Object.keys(FACETS), 'order']) $('f-' + key).addEventListener('change', e => choose({[key]: e.target.value}));
$('f-leaving').addEventListener('change', e => choose({leaving: e.target.checked ? '1' : ''}));
$('f-table-off').addEventListener('click', () => choose({table: ''}));
$('f-reset').addEventListener('click', () => { view = {}; choose({...DEFAULTS}); });
{
  let waiting = 0;
  $('f-q').addEventListener('input', e => { clearTimeout(waiting); waiting = setTimeout(() => choose({q: e.target.value.trim()}), 120); });
}
window.addEventListener('hashchange', () => { if (fromAddress()) { open.clear(); refresh(); $('columns').scrollIntoView(); $('grid').focus({preventScroll: true}); } });
