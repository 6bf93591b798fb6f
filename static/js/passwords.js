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

// What the server alone can judge (app/accounts/password_policy.py), how easy it is to guess, has no entry here.
const LONGEST = 128;
const KINDS = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/];
const metCriteria = (password, {length, kinds}) => ({
  length: [...password].length >= length && password.length <= LONGEST,
  kinds: KINDS.filter(kind => kind.test(password)).length >= kinds,
  ascii: /^[ -~]+$/.test(password),
});
document.addEventListener('input', ({target: input}) => {
  const table = document.querySelector(`[data-criteria-for="${input.id}"]`);
  if (!table) return;
  const isTyped = input.value !== '', met = metCriteria(input.value, table.dataset);
  table.querySelectorAll('[data-rule]').forEach(row => {
    const isMet = isTyped ? met[row.dataset.rule] : undefined;
    const [name, text] = isMet ? ['is-met', 'Met'] : isMet === false ? ['is-unmet', 'Not met'] : ['', 'Not checked yet'];
    row.className = name;
    row.querySelector('[data-state]').textContent = text;
  });
});
