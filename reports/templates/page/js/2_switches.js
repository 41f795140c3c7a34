// Language and theme, remembered for every report.
const speaks = [];                            // what is written again in the other language
function speak() {
  root.lang = english() ? 'en' : 'zh';
  document.title = document.title.replace(/^[^·]*/, word('page.title') + ' ');
  document.querySelectorAll('[data-say]').forEach(x => { x.setAttribute(x.dataset.sayIn || 'aria-label', word(x.dataset.say)); });
  speaks.forEach(again => again());
}
{
  const told = kept.get('chujing.lang');
  const first = told || (/^zh/i.test(navigator.language || 'zh') ? 'zh' : 'en');
  $(first === 'en' ? 'en' : 'zh').checked = true;
  for (const id of ['zh', 'en']) $(id).addEventListener('change', () => { kept.set('chujing.lang', id); speak(); });

  const theme = kept.get('chujing.theme');
  const chosen = ['auto', 'light', 'dark'].includes(theme) ? theme : 'auto';
  const set = x => { if (x === 'auto') delete root.dataset.theme; else root.dataset.theme = x; };
  set(chosen);
  $('theme').value = chosen;
  $('theme').addEventListener('change', e => { kept.set('chujing.theme', e.target.value); set(e.target.value); });
}
