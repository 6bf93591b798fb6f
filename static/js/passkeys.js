// Passkeys: asks the browser what the server wants to know, and sends the answer with the form.

const FAILED = {
  create: 'No passkey was added. Try again, or choose Cancel.',
  get: 'No passkey was used. Try again, or enter a code instead.',
};
const IS_THERE = 'This device already has a passkey for your login. Use it, or choose another device.';
const canUse = window.PublicKeyCredential?.parseCreationOptionsFromJSON && navigator.credentials;

const say = (form, text) => {
  const place = form.querySelector('[data-passkey-problem]');
  place.textContent = text;
  place.hidden = text === '';
};

const ask = form => {
  const options = JSON.parse(form.dataset.options);
  return form.dataset.passkey === 'create'
    ? navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)})
    : navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)});
};

document.addEventListener('submit', event => {
  const form = event.target.closest('form[data-passkey]');
  if (!form || form.elements.credential.value !== '') return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!canUse) return say(form, 'This browser can’t use passkeys.');
  say(form, '');
  ask(form)
    .then(credential => {
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.requestSubmit();
    })
    .catch(error => say(form, error.name === 'InvalidStateError' ? IS_THERE : FAILED[form.dataset.passkey]));
}, true);

// Pressed before, it would send a form without an answer, which counts as a wrong one.
document.querySelectorAll('form[data-passkey] button[type=submit]').forEach(button => { button.disabled = false; });
