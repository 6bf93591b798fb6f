// Password fields: Show and Hide, and the Password Criteria as they are typed.

const revealButtons = () => {
  document.querySelectorAll('[data-password] button[hidden]').forEach(button => { button.hidden = false; });
};
revealButtons();
document.addEventListener('htmx:after:swap', revealButtons);

document.addEventListener('click', event => {
  const button = event.target.closest('[data-password] button');
  if (!button) return;
  const input = document.getElementById(button.getAttribute('aria-controls')), isShown = input.type === 'password';
  const next = isShown ? 'Hide' : 'Show';
  input.type = isShown ? 'text' : 'password';
  button.textContent = next;
  button.setAttribute('aria-label', button.getAttribute('aria-label').replace(/^(Show|Hide)/, next));
});
document.addEventListener('submit', event => {
  event.target.querySelectorAll('[data-password] input').forEach(input => { input.type = 'password'; });
}, true);

// The server judges again, with its lists of common words and passwords: app/accounts/password_policy.py.
const longestPart = (rest, words, runs) => {
  const plain = rest.replace(/[@4310$57]/g, sign => 'aaeiosst'['@4310$57'.indexOf(sign)]);
  const lengths = words.filter(word => rest.startsWith(word) || plain.startsWith(word)).map(word => word.length);
  if (/^(19|20)[0-9]{2}/.test(rest)) lengths.push(4);
  for (let n = 3; n <= rest.length; n++) if (runs.some(run => run.includes(rest.slice(0, n)))) lengths.push(n);
  return Math.max(1, ...lengths);
};
const guessingEffort = (password, words, runs) => {
  const text = password.toLowerCase().replace(/(.)\1{2,}/g, '$1').replace(/(.{3,8}?)\1+/g, '$1');
  let parts = 0;
  for (let at = 0; at < text.length; parts++) at += longestPart(text.slice(at, at + 30), words, runs);
  return parts;
};
const LONGEST = 128;
const KINDS = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/];
const metCriteria = (typed, {length, kinds, words, runs}) => {
  const password = typed.slice(0, LONGEST + 1);
  const rows = runs.split(' '), bothWays = rows.concat(rows.map(row => [...row].reverse().join('')));
  const effort = guessingEffort(password, words.split(' ').filter(Boolean), bothWays);
  return {
    length: [...password].length >= length && password.length <= LONGEST,
    kinds: KINDS.filter(kind => kind.test(password)).length >= kinds,
    ascii: /^[ -~]+$/.test(password),
    guess: effort >= Math.min(7, length),
  };
};
document.addEventListener('input', ({target: input}) => {
  const table = document.querySelector(`[data-criteria-for="${input.id}"]`);
  if (!table) return;
  const isTyped = input.value !== '', met = metCriteria(input.value, table.dataset);
  table.querySelectorAll('[data-rule]').forEach(row => {
    const [state, words] = met[row.dataset.rule] ? ['is-met', 'Met'] : ['is-unmet', 'Not met'];
    row.className = isTyped ? state : '';
    row.querySelector('[data-state]').textContent = isTyped ? words : 'Not checked yet';
  });
});
