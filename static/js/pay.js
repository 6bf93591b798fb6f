// The pay page: card fields, 3-D Secure, device data. The card goes from its frames to Braintree; this
// script only ever sees a nonce, puts it into the form, and lets the form be sent.
(() => {
  const card = document.getElementById('payment-card'), form = card?.closest('form');
  if (!form || !card.dataset.token) return;
  const cardPart = what => card.querySelector(`[data-${what}]`);
  const nonce = form.elements.payment_method_nonce, deviceData = form.elements.device_data;
  const bank = cardPart('bank'), bankFrame = cardPart('bank-frame'), trouble = cardPart('card-trouble');
  document.body.append(bank);  // a bank's page may bring a form, and forms can't be inside forms

  const BOXES = {number: 'card-number', expirationDate: 'card-expiry', cvv: 'card-code', postalCode: 'card-postal'};
  const FIELDS = {
    number: {
      placeholder: '1234 1234 1234 1234', name: 'Card number',
      empty: 'Enter the card number', wrong: 'Check the card number',
    },
    expirationDate: {
      placeholder: 'MM / YY', name: 'Expiration date',
      empty: 'Enter the expiration date', wrong: 'Enter an expiration date that is not in the past, like 04/29',
    },
    cvv: {
      placeholder: 'CVV', name: 'Security code',
      empty: 'Enter the security code', wrong: 'Check the security code',
    },
    postalCode: {
      placeholder: '', name: 'Postal code',
      empty: "Enter the postal code of the card's billing address",
      wrong: "Check the postal code of the card's billing address",
    },
  };
  // The postal code is asked for only where the company wants it.
  Object.keys(BOXES).filter(name => !document.getElementById(BOXES[name])).forEach(name => {
    delete BOXES[name];
    delete FIELDS[name];
  });
  const NOT_TAKEN = 'Payment not taken', NOT_CHARGED = 'You have not been charged.';
  const CANCELED = `You canceled the check. ${NOT_CHARGED}`;
  const REFUSED = `Your bank did not confirm that it was you. ${NOT_CHARGED} Try again, or use a different card.`;
  const NO_BANK = `Your bank needs to check that it is you, but its page did not load. ${NOT_CHARGED} Try again.`;
  const CARD_REFUSED = `The card was not recognized. Check the card number, or use a different card. ${NOT_CHARGED}`;
  const OFFLINE = `We could not reach the card service. Check your connection and try again. ${NOT_CHARGED}`;
  const UNKNOWN = [
    'We lost the connection',
    ...(card.dataset.unknownUrl ? [
      'We do not know yet whether you were charged. Open the invoice again before you pay again.',
      [[card.dataset.unknownUrl, 'Open the invoice']],
    ] : [
      'We do not know yet whether you were charged. Open Payments before you pay again.',
      [['/payments', 'Open Payments']],
    ]),
  ];
  const STALE = `This page has been open too long. Reload it and try again. ${NOT_CHARGED}`;
  const early = cardPart('card-early'), EARLY = early.textContent;
  const READY = `The card fields are ready. Enter your card, then press Pay. ${NOT_CHARGED}`;
  const COLLECTOR_MS = 3000, LOOKUP_MS = 30000;  // how long other companies' scripts may keep a payer waiting
  const REFUSALS = [
    'authenticate_failed', 'authenticate_frictionless_failed', 'authenticate_rejected',
    'authenticate_signature_verification_failed',
  ];

  let parts = null, state = 'idle', canceled = false, pressedEarly = window.takeEarlyPress();
  let unanswered = false;  // a press was sent, and whether it charged is not known here

  // Messages

  const amountChoice = () => `${form.elements.pay?.value} ${form.elements.amount?.value}`;
  let lastMessage = null;  // what was said last, and of which amount
  const showMessage = (title, text, links = [], {focus = true} = {}) => {
    lastMessage = {of: amountChoice(), words: [title, text, links]};
    const summary = cardPart('card-message').content.firstElementChild.cloneNode(true);
    const [paragraph, list] = summary.querySelectorAll('p, ul');
    summary.querySelector('h2').textContent = title;
    paragraph.textContent = text;
    paragraph.hidden = !text;
    list.hidden = !links.length;
    links.forEach(([field, words]) => {
      const item = document.createElement('li');
      const href = field.startsWith('/') ? field : `#${BOXES[field] || field}`;
      item.append(Object.assign(document.createElement('a'), {href, textContent: words}));
      list.append(item);
    });
    document.getElementById('pay-message').replaceChildren(summary);
    if (!document.title.startsWith('Error: ')) document.title = `Error: ${document.title}`;
    if (focus) summary.focus();
  };
  const clearMessage = () => {
    lastMessage = null;
    early.hidden = true;
    document.getElementById('pay-message').replaceChildren();
    document.title = document.title.replace(/^Error: /, '');
  };
  const markField = (name, words) => {
    const error = document.getElementById(`${BOXES[name]}-e`), box = document.getElementById(BOXES[name]);
    error.hidden = !words;
    error.lastElementChild.textContent = words;
    error.parentElement.classList.toggle('field-bad', Boolean(words));
    words ? box.setAttribute('aria-describedby', error.id) : box.removeAttribute('aria-describedby');
    parts.fields.setAttribute({field: name, attribute: 'aria-invalid', value: Boolean(words)});
    parts.fields.setMessage({field: name, message: words});
  };
  const typedAmount = box => readAmount(box.value, JSON.parse(box.dataset.notation));
  // The part amount. Checked here, it is said together with what the card lacks.
  const wrongAmount = () => {
    const box = form.elements.amount;
    if (!box || form.elements.pay.value !== 'part') return '';
    const minor = typedAmount(box), {least, most, empty, wrong, low, high} = box.dataset;
    return !box.value.trim() ? empty : minor === null ? wrong : minor < least ? low : minor > most ? high : '';
  };
  const markAmount = words => {
    const box = form.elements.amount, error = document.getElementById('amount-e');
    if (!box) return;
    error.hidden = !words;
    error.lastElementChild.textContent = words;
    box.closest('.field').classList.toggle('field-bad', Boolean(words));
    box.setAttribute('aria-describedby', words ? 'amount-h amount-e' : 'amount-h');
    words ? box.setAttribute('aria-invalid', 'true') : box.removeAttribute('aria-invalid');
  };
  const setState = now => {
    state = now;
    form.classList.toggle('is-busy', now !== 'idle');
    if (form.elements.amount) form.elements.amount.readOnly = now !== 'idle';
    form.querySelector('#payment-go button')?.setAttribute('aria-disabled', String(now !== 'idle'));
  };

  // Setting up

  const showPart = what => {
    cardPart('card-loading').hidden = what !== 'loading';
    early.textContent = EARLY;
    early.hidden = what === 'fields' || !pressedEarly;
    cardPart('card-fields').hidden = what === 'trouble';
    trouble.hidden = what !== 'trouble';
  };
  // Styles are read once. A class says which inks are used when the system turns dark with the page open.
  const INKS = {light: ['#1A1C20', '#666970'], dark: ['#ECEEF0', '#979EA8']};
  const darkness = matchMedia('(prefers-color-scheme: dark)');
  const inkOf = color => ({color, '-webkit-text-fill-color': color});
  const styles = {
    input: 'hf-input', '::placeholder': 'hf-placeholder', ':disabled': {opacity: '.6'},
    ...Object.fromEntries(Object.entries(INKS).flatMap(([scheme, [ink, light]]) => [
      [`.in-${scheme}`, inkOf(ink)], [`.in-${scheme}::placeholder`, inkOf(light)],
    ])),
  };
  darkness.addEventListener('change', () => {
    if (!parts || document.documentElement.dataset.theme) return;
    const [now, before] = darkness.matches ? ['dark', 'light'] : ['light', 'dark'];
    Object.keys(FIELDS).forEach(field => {
      parts.fields.removeClass(field, `in-${before}`);
      parts.fields.addClass(field, `in-${now}`);
    });
  });
  const showTrouble = () => {
    showPart('trouble');
    if (pressedEarly) trouble.querySelector('a').focus();
  };
  const loadCardFields = async () => {
    nonce.value = deviceData.value = '';  // a browser that goes back may have kept them
    showPart('loading');
    Object.values(BOXES).forEach(id => document.getElementById(id).replaceChildren());
    const late = setTimeout(showTrouble, 20000);
    try {
      const client = await braintree.client.create({authorization: card.dataset.token});
      const optional = what => what.catch(() => null);
      const collector = optional(Promise.resolve().then(() => braintree.dataCollector.create({client})));
      const secure = optional(
        Promise.resolve().then(() => braintree.threeDSecure.create({client, version: '2-inline-iframe'})),
      );
      const options = Object.entries(FIELDS).map(([name, {placeholder, name: label}]) => [name, {
        container: `#${BOXES[name]}`, placeholder, internalLabel: label,
        iframeTitle: `Secure card field: ${label.toLowerCase()}`,
      }]);
      const fields = await braintree.hostedFields.create({
        client, styles: {...styles}, fields: Object.fromEntries(options),
      });
      // After a swap htmx focuses what had the focus, by its id; focusing a frame again would take the cursor out of
      // its field.
      document.querySelectorAll('#payment-card iframe').forEach(frame => frame.removeAttribute('id'));
      parts = {fields, secure: await secure, collector};
    } catch (error) {
      clearTimeout(late);
      showTrouble();
      return;
    }
    clearTimeout(late);
    listenToFields();
    showPart('fields');
    if (pressedEarly) { pressedEarly = false; submitEarlyPress(); }
  };
  // A press that was kept. Fields that have only just come are empty, unless the browser filled them in.
  const submitEarlyPress = () => {
    if (Object.values(parts.fields.getState().fields).some(field => !field.isEmpty)) { form.requestSubmit(); return; }
    early.textContent = READY;
    early.hidden = false;
    parts.fields.focus('number');
  };
  const listenToFields = () => {
    const {fields, secure} = parts;
    fields.on('validityChange', ({emittedBy, fields: states}) => {
      nonce.value = '';
      if (states[emittedBy].isValid) markField(emittedBy, '');
    });
    fields.on('cardTypeChange', ({cards}) => {
      const value = cards.length === 1 ? `${cards[0].code.size} digits` : FIELDS.cvv.placeholder;
      fields.setAttribute({field: 'cvv', attribute: 'placeholder', value});
    });
    fields.on('inputSubmitRequest', () => form.requestSubmit());
    secure?.on('customer-canceled', () => { canceled = true; });
    secure?.on('authentication-iframe-available', ({element}, next) => {
      bankFrame.replaceChildren(element);
      bank.showModal();
      next();
    });
  };

  // Paying

  const invalidFields = () => Object.entries(parts.fields.getState().fields).filter(([, field]) => !field.isValid)
    .map(([name, {isEmpty}]) => [name, FIELDS[name][isEmpty ? 'empty' : 'wrong']]);

  // What is about to be charged, as a decimal: '2686.50'. The server decides the amount; the bank is given this one.
  const amountForBank = () => {
    const box = form.elements.amount, digits = Number(card.dataset.digits);
    const typed = form.elements.pay?.value === 'part' ? typedAmount(box) : null;
    const minor = typed ?? (document.getElementById('payment-go').dataset.minor || card.dataset.minor);
    return (minor / 10 ** digits).toFixed(digits);
  };

  const errorWithCode = code => Object.assign(new Error(code), {code});
  const wait = ms => new Promise(resolve => { setTimeout(resolve, ms); });
  const confirmWithBank = async payload => {
    canceled = false;
    let timer;  // until the bank answers; then the person takes the time they need
    const silence = new Promise((_, reject) => {
      timer = setTimeout(() => {
        parts.secure.cancelVerifyCard().catch(() => {});
        reject(errorWithCode('SILENT'));
      }, LOOKUP_MS);
    });
    try {
      const verifying = parts.secure.verifyCard({
        nonce: payload.nonce, bin: payload.details.bin, amount: amountForBank(), collectDeviceData: true,
        onLookupComplete: (lookup, next) => {
          clearTimeout(timer);
          if (lookup.requiresUserAuthentication && !window.Cardinal) {
            parts.secure.cancelVerifyCard().finally(() => { canceled = 'no bank'; });
          } else next();
        },
      });
      return await Promise.race([verifying, silence]);
    } finally {
      clearTimeout(timer);
      bank.close();
      bankFrame.replaceChildren();
    }
  };
  const confirmedNonce = async payload => {
    if (!parts.secure) return payload.nonce;  // the server decides whether it takes a card unconfirmed
    const result = await confirmWithBank(payload);
    if (canceled) throw errorWithCode('CANCELED');
    if (REFUSALS.includes(result.threeDSecureInfo?.status)) throw errorWithCode('REFUSED');
    return result.nonce;
  };
  const cancelBankCheck = () => { canceled = true; parts.secure.cancelVerifyCard().catch(() => {}); };
  bank.querySelector('[data-bank-cancel]').addEventListener('click', cancelBankCheck);
  bank.addEventListener('cancel', e => { e.preventDefault(); cancelBankCheck(); });

  const explanationOf = error => {
    if (canceled === 'no bank') return NO_BANK;
    if (canceled || error.code === 'CANCELED') return CANCELED;
    if (error.code === 'REFUSED') return REFUSED;
    if (error.code === 'HOSTED_FIELDS_FAILED_TOKENIZATION') return CARD_REFUSED;
    const status = error.details?.originalError?.details?.httpStatus || error.details?.httpStatus;
    return status === 401 || status === 403 ? STALE : OFFLINE;
  };
  const prepareCard = async () => {
    setState('preparing');
    canceled = false;
    try {
      const verifiedNonce = await confirmedNonce(await parts.fields.tokenize());
      const collected = await Promise.race([parts.collector, wait(COLLECTOR_MS)]);
      deviceData.value = collected?.deviceData || '';
      nonce.value = verifiedNonce;
    } catch (error) {
      setState('idle');
      showMessage(NOT_TAKEN, unanswered ? explanationOf(error).replace(NOT_CHARGED, UNKNOWN[1]) : explanationOf(error));
      return;
    }
    setState('ready');
    form.requestSubmit();
  };
  // What was pressed is what is paid: the amount stays until the answer has come.
  form.addEventListener('click', e => { if (state !== 'idle' && e.target.name === 'pay') e.preventDefault(); });
  form.addEventListener('submit', e => {
    // Ready; or the same card again, because the answer was lost.
    if (state === 'ready' || (state === 'idle' && nonce.value)) { setState('sending'); return; }
    e.preventDefault();
    e.stopImmediatePropagation();
    if (state !== 'idle') return;
    if (!parts) {
      pressedEarly = true;  // carried out as soon as the fields are here
      showPart(trouble.hidden ? 'loading' : 'trouble');
      (trouble.hidden ? cardPart('card-early') : trouble).scrollIntoView({block: 'nearest'});
      if (!trouble.hidden) trouble.querySelector('a').focus();
      return;
    }
    clearMessage();
    const {currency, url} = document.getElementById('payment-go').dataset;
    // The card fields are of the merchant account of another currency.
    if (currency && currency !== card.dataset.currency) {
      const text = `The currency has changed to ${currency}. Reload this page to pay. ${NOT_CHARGED}`;
      showMessage(NOT_TAKEN, text, [[url, 'Reload this page']]);
      return;
    }
    const found = invalidFields(), wrong = wrongAmount();
    markAmount(wrong);
    Object.keys(FIELDS).forEach(name => markField(name, found.find(([field]) => field === name)?.[1] || ''));
    if (wrong) found.unshift(['amount', wrong]);
    if (found.length) showMessage('There is a problem', unanswered ? UNKNOWN[1] : NOT_CHARGED, found);
    else prepareCard();
  }, {capture: true});

  // After the answer. A redirect leaves the page, still busy; anything else means: once more, with a new
  // nonce. When no answer came, nonce and token stay: sending them again finds out, and never charges twice.
  const isFromForm = e => e.detail.ctx.sourceElement === form;
  const isGenuine = ({response}) => response.headers.get('Payment-Answer') === '1';
  const ownPayments = () => {
    const notes = [...document.querySelectorAll('#payment-quote [data-own]')];
    return new Set(notes.map(note => note.dataset.own));
  };
  const paidBefore = ownPayments();
  const showUnknown = () => { unanswered = true; setState('idle'); showMessage(...UNKNOWN); };
  document.addEventListener('htmx:before:response', e => {
    if (isFromForm(e) && !isGenuine(e.detail.ctx)) {  // of a proxy, or another site's page
      e.preventDefault();
      showUnknown();
    }
  });
  document.addEventListener('htmx:after:request', e => {
    const {ctx} = e.detail;
    if (!isFromForm(e) || !isGenuine(ctx) || ctx.hx?.redirect) return;
    unanswered = ctx.response.status >= 500;
    if (!unanswered) nonce.value = '';
    setState('idle');
  });
  document.addEventListener('htmx:error', e => { if (isFromForm(e)) showUnknown(); });
  // The split of an amount arrives a moment after it was typed, and would wipe away what was said of it since, or the
  // title's word for it.
  document.addEventListener('htmx:finally:request', e => {
    if (!e.detail.ctx.sourceElement.closest('#payment-amount')) return;
    setState(state);  // the button came without it
    const isUnknown = lastMessage?.words[0] === UNKNOWN[0];
    if (isUnknown && [...ownPayments()].some(one => !paidBefore.has(one))) {  // the page knows now
      clearMessage();
      return;
    }
    if (state !== 'idle' || !lastMessage || (lastMessage.of !== amountChoice() && !isUnknown)) return;
    if (!document.querySelector('#pay-message .summary')) {
      showMessage(...lastMessage.words, {focus: lastMessage.of === amountChoice()});
    } else if (!document.title.startsWith('Error: ')) document.title = `Error: ${document.title}`;
  });
  addEventListener('pageshow', e => {
    if (!e.persisted) return;
    unanswered ||= state === 'sending';
    nonce.value = '';
    setState('idle');
  });

  document.getElementById('pay-message').addEventListener('click', e => {
    if (!parts || !e.target.closest('a[href="#payment-card"]')) return;
    e.preventDefault(); e.stopPropagation();
    card.scrollIntoView(); parts.fields.focus('number');
  });
  Object.entries(BOXES).forEach(([name, id]) => {
    document.getElementById(`${id}-l`).addEventListener('click', () => parts?.fields.focus(name));
  });
  // Links of a message lead into the frames: '#card-code' to its field, '#payment-card' to the first.
  const linked = {'payment-card': 'number'};
  Object.entries(BOXES).forEach(([name, id]) => { linked[id] = name; });
  form.addEventListener('click', e => {
    const field = linked[e.target.closest('.summary a')?.hash.slice(1)];
    if (!field || !parts) return;
    e.preventDefault();
    e.stopPropagation();
    document.getElementById(`${BOXES[field]}-l`).scrollIntoView();
    parts.fields.focus(field);
  });
  cardPart('card-retry').addEventListener('click', e => {
    // A script is missing: follow the link, which loads them again.
    if (!window.braintree?.client || !window.braintree.hostedFields) return;
    e.preventDefault();
    loadCardFields();
  });
  loadCardFields();
})();
