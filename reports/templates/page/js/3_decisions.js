// Decisions marked in this page: kept in the browser, shown as changed, downloaded as a file. Nothing is sent anywhere.
const STORE = 'chujing.decisions.' + D.run;
let decisions = {};                           // column id -> {verdict, to, why, until, by, on, label, seen, name, table}
const loadDecisions = () => { try { decisions = JSON.parse(kept.get(STORE) || '{}') || {}; } catch (e) { decisions = {}; } };
loadDecisions();

function keepDecisions() {
  kept.set(STORE, JSON.stringify(decisions));
  showBar();
}

// what the machine saw, as `chujing review` writes it: label, shape, confidence, share of cells, mark of the rows
function machine(i) {
  const r = D.reviewed[i], m = meaning(i);
  return r ? [r[8], r[9]] : [m ? m[0] : '', C.confidence[i]];
}
const two = n => (n / 100).toFixed(2);
function seen(i) {
  const [label, confidence] = machine(i);
  const support = C.support[i] < 0 ? '-' : two(C.support[i]);
  return [label || '-', S[C.shape[i]], two(confidence), support, S[D.tables[TABLE_OF[i]][9]]].join(' ').trim();
}

function today() {
  const d = new Date();
  return [d.getFullYear(), String(d.getMonth() + 1).padStart(2, '0'), String(d.getDate()).padStart(2, '0')].join('-');
}

// the first thing that is missing, as a word; empty when the decision is whole
function lacking(d) {
  if (!d.by.trim()) return 'page.need.by';
  if (d.verdict === 'relabel' && !(d.to in LABELS)) return 'page.need.to';
  if (d.verdict !== 'accept' && !d.why.trim()) return 'page.need.why';
  if (d.until && d.until < d.on) return 'page.need.until';
  return '';
}

function decide(i, d) {
  decisions[columnId(i)] = {...d, label: machine(i)[0], seen: seen(i), name: S[C.name[i]], table: tableId(i), comment: S[C.comment[i]]};
  keepDecisions();
}
function withdraw(i) { delete decisions[columnId(i)]; keepDecisions(); }

// accepted, suggested ... as a reader sees it now: what was decided here comes first
const CHANGED = {accept: 2, relabel: 2, reject: 3};
function standingNow(i) {
  const here = decisions[columnId(i)];
  return here && here.verdict in CHANGED ? CHANGED[here.verdict] : C.standing[i] & 7;
}
const isStale = i => (C.standing[i] & 8) > 0 && !decisions[columnId(i)];

function showBar() {
  const n = Object.keys(decisions).length;
  $('decisions').hidden = n === 0;
  $('decided').textContent = word('page.decided', {n: number(n)}) + (kept.works ? '' : ' ' + word('page.not_kept'));
}

function download(name, parts, type) {
  const address = URL.createObjectURL(new Blob(parts, {type}));
  const link = el('a', {href: address, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  say(word('page.downloaded', {name}));
}
const sorted = () => Object.keys(decisions).sort().map(column => ({column, ...decisions[column]}));

$('as-yaml').addEventListener('click', () => download('reviews.yaml', [asYaml(sorted())], 'application/yaml'));
$('as-xlsx').addEventListener('click', () => download('reviews.xlsx', [asXlsx(sorted())],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'));
$('forget').addEventListener('click', () => {
  if (!confirm(word('page.forget.sure', {n: number(Object.keys(decisions).length)}))) return;
  decisions = {};
  keepDecisions();
  refresh();
});
window.addEventListener('storage', e => { if (e.key === STORE) { loadDecisions(); showBar(); refresh(); } });
window.addEventListener('beforeunload', e => { if (!kept.works && Object.keys(decisions).length) e.preventDefault(); });
speaks.push(showBar);
