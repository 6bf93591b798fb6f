// Replaces Cardinal's songbird.js, as far as braintree-web's three-d-secure.js uses it.
(() => {
  const listeners = new Map();
  const fire = (event, ...values) => (listeners.get(event) || []).forEach(listener => listener(...values));
  let settings = {}, frame = null;

  const finish = ({actionCode, cancelled, jwt}) => {
    frame = null;
    fire('ui.close');
    fire('payments.validated', {
      ActionCode: actionCode, Validated: actionCode === 'SUCCESS', ErrorNumber: 0, ErrorDescription: 'Success',
      Payment: {Type: 'CCA', ExtendedData: cancelled ? {ChallengeCancel: '01'} : {}},
    }, jwt);
  };
  addEventListener('message', e => {
    if (frame && e.source === frame.contentWindow && e.data?.from === 'demo-bank') finish(e.data.message);
  });

  const template = () => '<div class="demo-bank"><iframe title="Your bank" name="Cardinal-CCA-IFrame"></iframe></div>';
  const open = (url, details) => {
    frame = document.querySelector('iframe[name="Cardinal-CCA-IFrame"]');
    if (!frame) { fire('payments.validated', {ActionCode: 'ERROR', ErrorNumber: 10006, ErrorDescription: 'no frame on the page'}); return; }
    frame.src = url;
    fire('ui.render', details);
  };
  const modal = () => {
    const dialog = document.createElement('dialog');
    dialog.innerHTML = template();
    document.body.append(dialog);
    dialog.addEventListener('cancel', e => e.preventDefault());
    dialog.showModal();
    window.Cardinal.on('ui.close', () => dialog.remove());
  };

  window.Cardinal = {
    configure: options => { settings = options; },
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) || []), listener]),
    off: event => listeners.delete(event),
    setup: (_kind, {jwt}) => setTimeout(() => jwt && fire('payments.setupComplete', {sessionId: crypto.randomUUID(), modules: []})),
    trigger: (_event, _bin) => Promise.resolve({Status: true}),
    continue: (_brand, {AcsUrl}, order) => {
      const details = {paymentType: 'CCA', data: {mode: 'static', ...order}};
      if (settings.payment?.framework !== 'inline') { modal(); open(AcsUrl, details); return; }
      fire('ui.inline.setup', template(), details, () => open(AcsUrl, details), () => finish({actionCode: 'FAILURE'}));
    },
  };
})();
