// Every form: the same is not sent twice, and a file that is too large is refused at its field.

// Pressing again while the answer is on its way would send the same once more: a wrong password would count twice.
const SAME_MS = 15000;
const sent = new Map();  // form: what it sent, until when that is not sent again
const comparable = value => (value instanceof File ? [value.name, value.size, value.lastModified] : value);
const contents = (form, submitter) =>
  JSON.stringify([...new FormData(form, submitter)].map(([name, value]) => [name, comparable(value)]));

document.addEventListener('submit', event => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post' || form.matches('[hx-post]')) return;
  const content = contents(form, event.submitter), before = sent.get(form);
  if (before?.content === content && Date.now() < before.until) event.preventDefault();
  else sent.set(form, {content, until: Date.now() + SAME_MS});
});
addEventListener('pageshow', () => sent.clear());
addEventListener('keydown', event => {
  if (event.key === 'Escape') sent.clear();  // it stops the sending
});

// The server would only close the connection on a file that is too large.
const showFileError = (input, text) => {
  const error = Object.assign(document.createElement('p'), {
    className: 'error', id: `${input.id}-e`, role: 'alert', textContent: text,
  });
  input.before(error);
  input.value = '';
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', error.id);
};
document.addEventListener('change', ({target: input}) => {
  const {bytes, tooLarge} = input.dataset ?? {}, field = bytes && input.closest('.field');
  if (!field) return;
  const isTooLarge = [...input.files].some(file => file.size > Number(bytes));
  field.classList.toggle('field-bad', isTooLarge);
  document.getElementById(`${input.id}-e`)?.remove();
  if (isTooLarge) showFileError(input, tooLarge);
  else ['aria-invalid', 'aria-describedby'].forEach(name => input.removeAttribute(name));
});
