// What stands behind a row: evidence with its denominators, clause, alternatives, flows, review, query, and the form to decide.
const saying = k => D.said[k] ? D.said[k][english()] : S[k];
function findingPart(f, first) {
  const m = D.meanings[f[0]], told = [];
  for (let k = 4; k < f.length; k += 5) {
    const [origin, note, matched, examined, unit] = f.slice(k, k + 5);
    const share = examined ? word('page.of', {matched: number(matched), examined: number(examined), unit: word('page.unit.' + 'cdx'[unit]),
      share: (100 * matched / examined).toFixed(matched && matched < examined / 100 ? 2 : 0)}) : '';
    told.push(el('li', {}, el('b', {}, word('origin.' + D.origins[origin])), ' ', share, share && note ? ' · ' : '', note ? foreign(saying(note), 160, true) : ''));
  }
  return el('div.finding' + (first ? '.first' : ''), {},
    el('p', {}, el('b', {}, titled(m)), ' ', el('span.tag', {}, two(f[3])), ' ', el('span.tag', {}, word('kind.' + m[1])), ' ',
      el('span.tag', {}, word('tier.' + D.tiers[f[2]])), ' ', D.origins.includes(S[f[1]]) ? '' : el('code', {}, S[f[1]])),
    el('ul', {}, told),
    el('p.soft', {}, categoryWords(m), ' · ', word('grade.' + m[4]), m[5] !== 'no' ? ' · ' + word('sensitive.' + m[5]) : '', ' — ', m[6], ' ',
      el('span.tag', {}, word(m[7]))),
    GRADED.map(g => {
      const x = g.of[f[0]];
      return el('p.soft', {}, foreign(g.source, 60), ': ', x ? [foreign(x[0].join(' / '), 160, true), ' · ', el('b', {}, foreign(x[1], 60)), ' ', el('span.tag', {}, word(x[2]))] : word('page.unmapped'));
    }));
}

function evidencePart(i) {
  const found = C.findings[i] || [], primary = C.meaning[i] >= 0 ? 1 : 0;
  const parts = found.map((f, k) => findingPart(f, k < primary));
  return el('section', {}, el('h4', {}, word('evidence')),
    el('p.soft', {}, C.examined[i] ? word('page.examined', {n: number(C.examined[i])}) : word('page.names_only')),
    parts.length ? parts.slice(0, primary || parts.length) : el('p', {}, word('page.nothing')),
    primary && parts.length > 1 ? [el('h4', {}, word('page.alternatives')), parts.slice(1)] : '',
    C.ignored[i] ? el('p', {}, word('page.ignored') + (english() ? ': ' : '：'), foreign(saying(C.ignored[i]), 160, true)) : '');
}

function aboutPart(i) {
  const t = D.tables[TABLE_OF[i]], id = columnId(i);
  const line = (key, value) => value ? [el('dt', {}, word(key)), el('dd', {}, value)] : [];
  const flows = (D.leaving[i] || []).map(([k, verdict]) => el('div', {},
    el('a', {href: D.home + '#flow-' + D.flows[k][3]}, foreign(D.flows[k][0], 60)), ' → ', foreign(D.flows[k][1] + ' ' + D.flows[k][2], 60),
    verdict ? ' · ' + word('verdict.' + verdict) : ''));
  const together = t[11].filter(c => c.slice(3).some(x => S[x] === id)).map(c => el('div', {}, S[c[english()]], ' ', el('span.soft', {}, S[c[2]])));
  return el('section', {}, el('h4', {}, word('page.about')), el('dl', {},
    line('page.id', el('code', {}, foreign(id, 200, true))), line('page.type', S[C.type[i]] && foreign(S[C.type[i]], 120, true)),
    line('page.comment', S[C.comment[i]] && foreign(S[C.comment[i]], 160, true)), line('page.table_comment', S[t[2]] && foreign(S[t[2]], 160, true)),
    line('page.table_rows', t[4]), line('page.read', word('status.' + t[3]) + (t[5] ? ' · ' + word('page.drawn', {n: number(t[5])}) : '') + (S[t[8]] ? ' · ' + S[t[8]] : '')),
    line('owner', S[t[7]] && foreign(S[t[7]], 80, true)), line('page.leaves', flows.length ? flows : ''), line('page.together', together.length ? together : '')));
}

function reviewedPart(i) {
  const r = D.reviewed[i];
  if (!r) return '';
  return el('section', {}, el('h4', {}, word('page.reviewed')), el('p', {}, el('b', {}, word('verdict.' + r[0])), ' ', labelled(r[1]), ' · ', foreign(r[2], 60), ' · ', r[3],
    r[6] ? ' · ' + word('page.until', {day: r[6]}) : '', ' · ', word('page.scope.' + r[5])),
  r[4] ? el('p', {}, foreign(r[4], 200, true)) : '', r[7] ? el('p.warn', {}, word('stale.' + r[7])) : '',
  r[10] ? el('p.warn', {}, word('page.against') + (english() ? ': ' : '：'), foreign(r[10][english()], 200, true)) : '');
}

function formPart(i) {
  const here = decisions[columnId(i)] || {verdict: '', to: '', why: '', until: '', by: kept.get('chujing.by') || ''};
  const name = 'v' + i, fault = el('p.warn', {role: 'alert', id: 'fault' + i});
  const radios = ['accept', 'reject', 'relabel', 'justify'].map(v => el('label.choice', {}, (() => {
    const x = el('input', {type: 'radio', name, value: v, onchange: () => { to.hidden = v !== 'relabel'; }});
    x.checked = here.verdict === v;
    return x;
  })(), ' ', word('verdict.' + v)));
  const pick = el('select', {'aria-label': word('page.right_label')}, el('option', {value: ''}, word('page.right_label')),
    D.labels.map(l => el('option', {value: l[0]}, l[1 + english()] + ' · ' + l[0])));
  pick.value = here.to || '';
  const to = el('div', {}, pick);
  to.hidden = here.verdict !== 'relabel';
  const input = (kind, value, key) => { const x = el('input', {type: kind, maxlength: 2000}); x.value = value || ''; return [x, el('label.field', {}, el('span', {}, word(key)), x)]; };
  const [why, whyPart] = input('text', here.why, 'page.why'), [by, byPart] = input('text', here.by, 'page.by');
  const [until, untilPart] = input('date', here.until, 'page.until_when');
  const save = () => {
    const chosen = form.querySelector('input[type=radio]:checked');
    const d = {verdict: chosen ? chosen.value : '', to: pick.value, why: why.value.trim(), until: until.value, by: by.value.trim(), on: today()};
    const lacks = chosen ? lacking(d) : 'page.need.verdict';
    fault.textContent = lacks ? word(lacks) : '';
    if (lacks) return;
    kept.set('chujing.by', d.by);
    decide(i, d);
    say(word('page.marked'));
    refresh(i);
  };
  const form = el('form', {onsubmit: e => { e.preventDefault(); save(); }}, el('fieldset.choices', {}, el('legend', {}, word('page.decide')), radios), to, whyPart,
    el('div.pair', {}, byPart, untilPart), fault,
    el('p', {}, el('button.main', {type: 'submit'}, word('page.mark')), ' ',
      decisions[columnId(i)] ? el('button', {type: 'button', onclick: () => { withdraw(i); refresh(i); }}, word('page.withdraw')) : ''));
  return el('section.decide', {}, form);
}

function detail(i) {
  return el('div.detail', {}, evidencePart(i), el('div', {}, aboutPart(i), reviewedPart(i)), el('div', {}, formPart(i), sqlPart(i)));
}
