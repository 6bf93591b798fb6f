// The only hand-written script outside the payment page.
(() => {
  document.documentElement.classList.add('js');
  const focusTarget = root => {
    const el = root.querySelector?.('[data-focus]') || (root.matches?.('[data-focus]') ? root : null);
    if (!el) return;
    if (!el.hasAttribute('tabindex')) { el.tabIndex = -1; el.addEventListener('blur', () => el.removeAttribute('tabindex'), {once: true}); }
    el.focus();
  };
  const enhance = root => {
    root.querySelectorAll?.('[data-password] button[hidden]').forEach(b => { b.hidden = false; });
  };
  // "Select all" of the invoice list: it ticks the others before the form asks what they come to.
  const ticks = () => [...document.querySelectorAll('#invoice-table input[name=invoice]')];
  const tellAll = () => {
    const all = document.getElementById('pick-all'); if (!all) return;
    const some = ticks().filter(t => t.checked).length;
    all.checked = some > 0 && some === ticks().length; all.indeterminate = some > 0 && !all.checked;
  };
  // The ticks that the total beside them counts, to go back to when the server can't be asked.
  let agreed = [];
  const agree = () => { agreed = ticks().filter(t => t.checked).map(t => t.value); };
  const disagree = () => { ticks().forEach(t => { t.checked = agreed.includes(t.value); }); tellAll(); };
  // Ticks made while another list was on its way are made in that one too, or beside it.
  let meanwhile = [];
  document.addEventListener('htmx:before:swap', ({detail: {ctx}}) => {
    if (ctx.target?.id !== 'invoice-list') return;
    const sent = new URL(ctx.request.action, location.href).searchParams.getAll('invoice');
    meanwhile = ticks().filter(t => t.checked !== sent.includes(t.value));
  });
  const tickAgain = ({detail: {ctx}}) => {
    const form = document.getElementById('invoice-pick'); if (ctx.target?.id !== 'invoice-list' || !form || !meanwhile.length) return;
    meanwhile.forEach(({value, checked}) => {
      const tick = ticks().find(t => t.value === value), hidden = form.querySelector(`[type=hidden][name=invoice][value="${value}"]`);
      if (tick) tick.checked = checked;
      else if (!checked) hidden?.remove();
      else if (!hidden) form.prepend(Object.assign(document.createElement('input'), {type: 'hidden', name: 'invoice', value}));
    });
    meanwhile = [];
    form.dispatchEvent(new Event('change', {bubbles: true}));
  };
  // Pay, pressed before the total of the last tick has come, leads to what is ticked: its address is of the ticks before.
  document.addEventListener('click', e => {
    if (e.ctrlKey || e.metaKey || e.shiftKey || !e.target.closest('#invoice-panel a') || ticks().every(t => t.checked === agreed.includes(t.value))) return;
    e.preventDefault();
    document.getElementById('invoice-pick').submit();
  });
  document.addEventListener('change', e => {
    if (e.target.id === 'pick-all') ticks().forEach(t => { t.checked = e.target.checked; });
    tellAll();
  }, true);
  document.querySelectorAll('.tabs [aria-current]').forEach(tab => { tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16; });
  enhance(document); focusTarget(document); tellAll(); agree();
  if (document.querySelector('[data-focus]') && !document.title.startsWith('Error: ') && document.querySelector('.summary')) document.title = 'Error: ' + document.title;
  document.addEventListener('htmx:after:swap', e => { enhance(document); focusTarget(document); tellAll(); agree(); tickAgain(e); document.querySelectorAll('.toast').forEach(pass); });
  // Leaving a box asks for an update, and what left it may be the pointer pressing a button. Until it is let go, and
  // its click has come, an answer waits: whatever is being pressed must not be swapped away, or shifted, from under it.
  let pressed = Promise.resolve(), letGo = () => {}, presses = 0;
  addEventListener('pointerdown', () => { presses++; pressed = new Promise(resolve => { letGo = resolve; setTimeout(resolve, 5000); }); }, true);
  ['pointerup', 'pointercancel'].forEach(kind => addEventListener(kind, () => setTimeout(letGo, 50), true));
  document.addEventListener('htmx:before:request', ({detail: {ctx}}) => {
    const {fetch} = ctx, focus = document.activeElement;
    ctx.focused = focus.matches('button, summary, a') && focus; ctx.presses = presses;
    ctx.fetch = async (...request) => { const answer = await fetch(...request); await pressed; return answer; };
  });
  // A button that is disabled while its answer is on its way loses the focus, and has it back if it is still there.
  // Of a menu that has closed by now, the word that opens it.
  document.addEventListener('htmx:finally:request', ({detail: {ctx}}) => setTimeout(() => {
    if (document.activeElement !== document.body || !ctx.focused || ctx.presses !== presses) return;
    const there = ctx.focused.isConnected ? ctx.focused : document.getElementById(ctx.focused.id);
    (there?.closest('details:not([open])')?.querySelector('summary') ?? there)?.focus({preventScroll: true});
  }));
  // A tab or a column pressed before the search for what was typed takes it along, and then nobody searches for it again.
  let taken = null;
  document.addEventListener('htmx:config:request', e => {
    const {ctx} = e.detail, {sourceElement: from, request} = ctx;
    if (taken && from === taken.box && from.value.trim() === taken.typed) { e.preventDefault(); return; }
    const box = document.getElementById(from.closest('[data-search]')?.dataset.search); if (!box) return;
    const url = new URL(request.action, location.href), query = url.searchParams, typed = box.value.trim();
    taken = {ctx, box, typed};
    if (typed === (query.get('q') ?? '')) return;
    ['q', 'after', 'before'].forEach(name => query.delete(name));
    if (typed) query.set('q', typed);
    request.action = url.pathname + url.search;
  });
  document.addEventListener('htmx:finally:request', ({detail: {ctx}}) => { if (taken?.ctx === ctx) taken = null; });
  // No answer, or one that isn't from here. The payment form says its own: it knows whether money may have moved.
  const isPaying = e => e.detail.ctx?.sourceElement.id === 'pay-form';
  const restore = e => { if (e.detail.ctx?.sourceElement.id === 'invoice-pick') disagree(); };
  const unreached = e => {
    if (isPaying(e)) return;
    restore(e);
    const problems = document.getElementById('problems'); if (!problems || problems.querySelector('[data-unreached]')) return;
    const box = document.createElement('p'); box.className = 'summary'; box.dataset.unreached = '';
    box.textContent = 'We could not reach the server. Check your connection and try again.';
    problems.replaceChildren(box); box.scrollIntoView({block: 'nearest'});
  };
  document.addEventListener('htmx:error', unreached);
  document.addEventListener('htmx:before:response', e => {
    const {status, headers} = e.detail.ctx.response;
    if (status >= 500 && !headers.get('HX-Retarget') && !isPaying(e)) { e.preventDefault(); unreached(e); }
  });
  document.addEventListener('htmx:response:error', restore);
  document.addEventListener('htmx:after:request', () => document.querySelector('[data-unreached]')?.remove());
  document.addEventListener('click', e => {
    const pw = e.target.closest('[data-password] button');
    if (pw) {
      const i = document.getElementById(pw.getAttribute('aria-controls')), show = i.type === 'password';
      i.type = show ? 'text' : 'password';
      pw.textContent = show ? 'Hide' : 'Show';
      pw.setAttribute('aria-label', pw.getAttribute('aria-label').replace(/^(Show|Hide)/, show ? 'Hide' : 'Show'));
      return;
    }
    document.querySelectorAll('details.menu[open]').forEach(menu => { if (!menu.contains(e.target)) menu.open = false; });
    const cp = e.target.closest('[data-copy]');
    if (cp) { const i = document.getElementById(cp.dataset.copy); navigator.clipboard?.writeText(i.value).then(() => toast('Link copied')); return; }
    if (e.target.closest('[data-print]')) { window.print(); return; }
    const link = e.target.closest('.summary a[href^="#"]');
    if (link) {
      const input = document.getElementById(link.hash.slice(1));
      const label = input && (input.closest('fieldset')?.querySelector('legend') || document.querySelector(`label[for="${input.id}"]`) || input.closest('label'));
      if (input && label) { e.preventDefault(); label.scrollIntoView(); input.focus({preventScroll: true}); }
    }
  });
  document.addEventListener('keydown', e => {
    const menu = e.key === 'Escape' && e.target.closest?.('details.menu[open], details.who[open]');
    if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
  });
  // Password Criteria, judged while somebody types. The server judges again, with a list of common words.
  const chunk = (rest, words, runs) => {
    const spoken = rest.replace(/[@4310$57]/g, c => 'aaeiosst'['@4310$57'.indexOf(c)]);
    const found = words.filter(w => rest.startsWith(w) || spoken.startsWith(w)).map(w => w.length);
    if (/^(19|20)[0-9]{2}/.test(rest)) found.push(4);
    for (let n = 3; n <= rest.length; n++) if (runs.some(r => r.includes(rest.slice(0, n)))) found.push(n);
    return Math.max(1, ...found);
  };
  const effort = (password, words, runs) => {
    const text = password.toLowerCase().replace(/(.)\1{2,}/g, '$1').replace(/(.{3,8}?)\1+/g, '$1');
    let things = 0;
    for (let at = 0; at < text.length; things++) at += chunk(text.slice(at, at + 30), words, runs);
    return things;
  };
  const judge = (password, {length, kinds, words, runs}) => {
    password = password.slice(0, 129);
    const rows = runs.split(' '), both = rows.concat(rows.map(r => [...r].reverse().join('')));
    return {
      length: [...password].length >= length && password.length <= 128,
      kinds: [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/].filter(k => k.test(password)).length >= kinds,
      ascii: /^[ -~]+$/.test(password),
      guess: effort(password, words.split(' ').filter(Boolean), both) >= Math.min(7, length),
    };
  };
  document.addEventListener('input', e => {
    const table = document.querySelector(`[data-criteria-for="${e.target.id}"]`); if (!table) return;
    const typed = e.target.value !== '', met = judge(e.target.value, table.dataset);
    table.querySelectorAll('[data-rule]').forEach(row => {
      row.className = typed ? met[row.dataset.rule] ? 'is-met' : 'is-unmet' : '';
      row.querySelector('[data-state]').textContent = typed ? met[row.dataset.rule] ? 'Met' : 'Not met' : 'Not checked yet';
    });
  });
  // A file that is too large is said at its field: the server would only close the door.
  document.addEventListener('change', e => {
    const {bytes, tooLarge} = e.target.dataset ?? {}, field = bytes && e.target.closest('.field'); if (!field) return;
    const bad = [...e.target.files].some(f => f.size > Number(bytes)), id = e.target.id + '-e';
    field.classList.toggle('field-bad', bad); document.getElementById(id)?.remove();
    if (!bad) { ['aria-invalid', 'aria-describedby'].forEach(a => e.target.removeAttribute(a)); return; }
    const said = document.createElement('p'); said.className = 'error'; said.id = id; said.role = 'alert'; said.textContent = tooLarge;
    e.target.before(said); e.target.value = ''; e.target.setAttribute('aria-invalid', 'true'); e.target.setAttribute('aria-describedby', id);
  });
  document.addEventListener('submit', e => e.target.querySelectorAll('[data-password] input').forEach(i => { i.type = 'password'; }), true);
  // Pressing again while the answer is on its way would send the same once more: a wrong password would count twice.
  const SAME_MS = 15000, sent = new Map();
  document.addEventListener('submit', e => {
    const form = e.target; if (e.defaultPrevented || form.method !== 'post' || form.matches('[hx-post]')) return;
    const told = value => value instanceof File ? [value.name, value.size, value.lastModified] : value;
    const what = JSON.stringify([...new FormData(form, e.submitter)].map(([name, value]) => [name, told(value)])), before = sent.get(form);
    if (before?.what === what && Date.now() < before.until) e.preventDefault();
    else sent.set(form, {what, until: Date.now() + SAME_MS});
  });
  addEventListener('pageshow', () => sent.clear());
  addEventListener('keydown', e => { if (e.key === 'Escape') sent.clear(); });  // which stops the sending
  const toast = text => {
    const t = document.createElement('div'); t.className = 'toast'; t.textContent = text;
    document.getElementById('toasts').replaceChildren(t); pass(t);
  };
  // A toast goes by itself, but not from under the pointer or the focus.
  const passing = new WeakSet();
  const pass = toast => {
    if (passing.has(toast)) return;
    passing.add(toast);
    let timer;
    const wait = () => { clearTimeout(timer); if (!toast.matches(':hover, :focus-within')) timer = setTimeout(() => toast.remove(), 6000); };
    ['mouseenter', 'mouseleave', 'focusin', 'focusout'].forEach(kind => toast.addEventListener(kind, () => setTimeout(wait)));
    wait();
  };
  document.querySelectorAll('.toast').forEach(pass);
  document.addEventListener('toast', e => toast(e.detail.value ?? e.detail));
})();
