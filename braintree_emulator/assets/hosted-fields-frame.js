// One card field. It speaks framebus, as the real hosted-fields.js does, to the page around it.
// The first field's frame gets the page's configuration and becomes the leader: it starts the other
// frames (same origin, so it can reach them) and it alone tokenizes.
(() => {
  const PREFIX = '/*framebus*/', CHANNEL = location.hash.slice(1), NAMESPACE = `${CHANNEL}:hosted-fields:`;
  const NAME = window.name.replace('braintree-hosted-field-', '');
  const AUTOCOMPLETE = {number: 'cc-number', expirationDate: 'cc-exp', cvv: 'cc-csc', postalCode: 'billing postal-code', cardholderName: 'cc-name'};
  const LABELS = {number: 'Credit card number', expirationDate: 'Expiration date', cvv: 'CVV', postalCode: 'Postal code', cardholderName: 'Cardholder name'};
  const CUSTOMER = {
    EMPTY: {type: 'CUSTOMER', code: 'HOSTED_FIELDS_FIELDS_EMPTY', message: 'All fields are empty. Cannot tokenize empty card fields.'},
    INVALID: {type: 'CUSTOMER', code: 'HOSTED_FIELDS_FIELDS_INVALID', message: 'Some payment input fields are invalid. Cannot tokenize invalid card fields.'},
    FAILED: {type: 'CUSTOMER', code: 'HOSTED_FIELDS_FAILED_TOKENIZATION', message: 'The supplied card data failed tokenization.'},
    NETWORK: {type: 'NETWORK', code: 'HOSTED_FIELDS_TOKENIZATION_NETWORK_ERROR', message: 'A tokenization network error occurred.'},
  };

  // Framebus
  const replies = new Map(), handlers = {};
  const post = (target, message, where) => target.postMessage(PREFIX + JSON.stringify(message), where);
  const emit = (name, eventData, onReply) => {
    const reply = onReply && crypto.randomUUID();
    if (reply) replies.set(reply, onReply);
    post(parent, {event: NAMESPACE + name, origin: '*', reply, eventData}, '*');
  };
  addEventListener('message', e => {
    if (e.source !== parent || typeof e.data !== 'string' || !e.data.startsWith(PREFIX)) return;
    const {event, reply, eventData} = JSON.parse(e.data.slice(PREFIX.length));
    const answer = value => reply && post(parent, {event: reply, origin: e.origin, eventData: value}, e.origin);
    if (replies.has(event)) { const onReply = replies.get(event); replies.delete(event); onReply(eventData); }
    else if (event.startsWith(NAMESPACE)) handlers[event.slice(NAMESPACE.length)]?.(eventData || {}, answer);
  });

  // The field
  const input = document.getElementById('field'), label = document.getElementById('label');
  let leader, isFocused = false, last = {isEmpty: true, isValid: false, isPotentiallyValid: true};
  const read = deleting => NAME === 'cvv' ? cardRules.cvv(input.value, leader?.card()) : cardRules[NAME](input.value, deleting);
  const state = () => ({isEmpty: input.value === '', isValid: read().isValid, isPotentiallyValid: read().isPotentiallyValid, isFocused});
  const tell = type => leader && emit('INPUT_EVENT', {type, merchantPayload: {emittedBy: NAME, cards: leader.cards(), fields: leader.states()}});
  const check = () => {
    const now = state(), before = last;
    last = now;
    if (before.isEmpty !== now.isEmpty) tell(now.isEmpty ? 'empty' : 'notEmpty');
    if (before.isValid !== now.isValid || before.isPotentiallyValid !== now.isPotentiallyValid) tell('validityChange');
    input.classList.toggle('valid', now.isValid);
    input.classList.toggle('invalid', !now.isPotentiallyValid);
  };
  const write = deleting => {
    const caret = input.selectionStart, significant = input.value.slice(0, caret).replace(/\D/g, '').length;
    const text = read(deleting).text, atEnd = caret === input.value.length;
    if (text === input.value) return;
    input.value = text;
    let place = text.length;
    if (!atEnd && NAME !== 'cardholderName') for (let i = 0, seen = 0; i <= text.length; i++) {
      if (seen === significant) { place = i; break; }
      if (/\d/.test(text[i])) seen++;
    }
    input.setSelectionRange(place, place);
  };
  let brands = '', bin = '';
  input.addEventListener('input', e => {
    write(e.inputType?.startsWith('delete'));
    check();
    if (!leader) return;  // typed before the frames found each other
    leader.begun();
    if (NAME !== 'number') return;
    const now = leader.cards().map(card => card.type).join();
    if (now !== brands) { brands = now; tell('cardTypeChange'); leader.cardChanged(); }
    const start = read().digits.slice(0, 6);
    if (start.length === 6 && start !== bin) { bin = start; emit('BIN_AVAILABLE', bin); }
  });
  input.addEventListener('keydown', e => {
    if (e.key === 'Enter') tell('inputSubmitRequest');
    const at = input.selectionStart;  // a gap is not something to delete: step over it
    if (e.key === 'Backspace' && NAME === 'number' && at === input.selectionEnd && input.value[at - 1] === ' ') input.setSelectionRange(at - 1, at - 1);
  });
  input.addEventListener('focus', () => { isFocused = true; if (leader) tell('focus'); });
  input.addEventListener('blur', () => { isFocused = false; if (leader) tell('blur'); });

  const styleSheet = styles => {
    const rule = ([property, value]) => typeof value === 'object' ? '' : `${property.replace(/[A-Z]/g, c => '-' + c.toLowerCase())}:${value};`;
    const sheet = new CSSStyleSheet();
    Object.entries(styles || {}).forEach(([selector, values]) => {
      try { sheet.insertRule(`${selector}{${Object.entries(values).map(rule).join('')}}`, sheet.cssRules.length); } catch { /* a selector this browser does not know */ }
    });
    document.adoptedStyleSheets = [sheet];
    shade();
  };
  // Light text is meant for a dark page: this one is then dark itself, as contrast checkers can't see through.
  const shade = () => {
    const [red, green, blue] = getComputedStyle(input).color.match(/\d+/g);
    document.documentElement.classList.toggle('on-dark', +red + +green + +blue > 382);
  };
  const start = (config, itsLeader) => {
    const options = config.fields[NAME];
    leader = itsLeader;
    label.textContent = options.internalLabel || LABELS[NAME];
    input.placeholder = options.placeholder || '';
    input.autocomplete = AUTOCOMPLETE[NAME] || 'off';
    if (options.type) input.type = options.type;
    if (NAME === 'cardholderName' || NAME === 'postalCode') input.inputMode = 'text';
    styleSheet(config.styles);
    if (options.prefill) { input.value = options.prefill; write(); }
    check();
    if (document.hasFocus() && document.activeElement === input) { isFocused = true; tell('focus'); }
  };
  window.cardField = {channel: CHANNEL, name: NAME, read, state, start, check, isStarted: () => Boolean(leader)};

  const mine = act => data => { if (data.field === NAME) act(data); };
  Object.assign(handlers, {
    TRIGGER_INPUT_FOCUS: mine(() => input.focus()),
    SET_ATTRIBUTE: mine(({attribute, value}) => attribute === 'disabled' ? (input.disabled = String(value) === 'true') : input.setAttribute(attribute, value)),
    REMOVE_ATTRIBUTE: mine(({attribute}) => input.removeAttribute(attribute)),
    ADD_CLASS: mine(({classname}) => { input.classList.add(classname); shade(); }),
    REMOVE_CLASS: mine(({classname}) => { input.classList.remove(classname); shade(); }),
    SET_MESSAGE: mine(({message}) => { document.getElementById('message').textContent = message; }),
    CLEAR_FIELD: mine(() => { input.value = ''; check(); }),
  });

  // The leader
  const lead = config => {
    const fields = {};
    for (let i = 0; i < parent.length; i++) {
      try {
        const field = parent[i].cardField;
        if (field?.channel === CHANNEL && config.fields[field.name]) fields[field.name] = field;
      } catch { /* a frame of another origin */ }
    }
    let begun = false, client;
    const each = fn => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fn(field)]));
    const card = () => fields.number?.read().known;
    const leads = {
      card, states: () => each(field => field.state()), cardChanged: () => fields.cvv?.check(),
      cards: () => fields.number ? fields.number.read().brands : [],
      begun: () => { if (!begun) { begun = true; emit('CARD_FORM_ENTRY_HAS_BEGUN'); } },
    };
    each(field => field.start(config, leads));
    emit('REMOVE_FOCUS_INTERCEPTS');  // the browser's own tab order is right: these are plain frames
    emit('READY_FOR_CLIENT', undefined, value => { client = value; });

    handlers.TOKENIZATION_REQUEST = async (options, reply) => {
      const names = Object.keys(fields).filter(name => !options.fieldsToTokenize || options.fieldsToTokenize.includes(name));
      const states = names.map(name => [name, fields[name].state()]);
      const invalid = states.filter(([, s]) => !s.isValid).map(([name]) => name);
      if (states.every(([, s]) => s.isEmpty)) return reply([CUSTOMER.EMPTY]);
      if (invalid.length) return reply([{...CUSTOMER.INVALID, details: {invalidFieldKeys: invalid}}]);
      const values = Object.fromEntries(names.map(name => [name, fields[name].read()]));
      const creditCard = {number: values.number?.digits, expirationMonth: values.expirationDate?.month, expirationYear: values.expirationDate?.year, cvv: values.cvv?.text,
        cardholderName: values.cardholderName?.text || options.cardholderName, billingAddress: values.postalCode ? {...options.billingAddress, postalCode: values.postalCode.text} : options.billingAddress};
      reply(await tokenize(client, creditCard));
    };
  };

  const send = async (url, body, headers = {}) => {
    const response = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json', ...headers}, body: JSON.stringify(body), credentials: 'omit'});
    return [response.status, await response.json()];
  };
  const QUERY = 'mutation TokenizeCreditCard($input: TokenizeCreditCardInput!) { tokenizeCreditCard(input: $input) { token creditCard { bin brandCode last4 cardholderName expirationMonth expirationYear binData { prepaid } } } }';
  const TYPES = {AMERICAN_EXPRESS: 'American Express', DISCOVER: 'Discover', MASTERCARD: 'MasterCard', VISA: 'Visa', JCB: 'JCB', UNION_PAY: 'UnionPay', ELO: 'Elo', DINERS: 'Discover', UK_MAESTRO: 'Maestro', INTERNATIONAL_MAESTRO: 'Maestro'};
  const viaGraphQL = async (gateway, metadata, fingerprint, creditCard) => {
    const [status, body] = await send(gateway.graphQL.url, {
      clientSdkMetadata: {source: 'hosted-fields', integration: 'custom', sessionId: metadata.sessionId},
      query: QUERY, operationName: 'TokenizeCreditCard', variables: {input: {creditCard, options: {validate: false}}},
    }, {Authorization: `Bearer ${fingerprint}`, 'Braintree-Version': '2018-05-10'});
    const found = body.data?.tokenizeCreditCard, card = found?.creditCard;
    if (!found || body.errors) {
      if (body.errors?.[0]?.extensions?.errorClass !== 'VALIDATION') throw new Error(`GraphQL answered ${status}`);
      return {error: {message: 'Credit card is invalid'}, fieldErrors: body.errors.map(e => ({field: e.extensions.inputPath?.at(-1), code: e.extensions.legacyCode, message: e.message}))};
    }
    return {nonce: found.token, type: 'CreditCard', description: `ending in ${card.last4.slice(2)}`, binData: card.binData,
      details: {bin: card.bin, cardType: TYPES[card.brandCode] || 'Unknown', lastFour: card.last4, lastTwo: card.last4.slice(2), cardholderName: card.cardholderName, expirationMonth: card.expirationMonth, expirationYear: card.expirationYear}};
  };
  const viaRest = async (gateway, metadata, fingerprint, creditCard) => {
    const [status, body] = await send(`${gateway.clientApiUrl}/v1/payment_methods/credit_cards`, {creditCard, authorizationFingerprint: fingerprint, braintreeLibraryVersion: `braintree/web/${metadata.sdkVersion}`, _meta: {...metadata, source: 'hosted-fields'}});
    if (status === 422) return body;
    if (status >= 300) throw Object.assign(new Error(`the client API answered ${status}`), {httpStatus: status});
    const {nonce, type, description, details, binData} = body.creditCards[0];
    return {nonce, type, description, details, binData};
  };
  // [error] or [null, payload], as the page's tokenize() expects it.
  const tokenize = async (client, creditCard) => {
    const gateway = client.gatewayConfiguration, rest = [gateway, client.analyticsMetadata, client.authorizationFingerprint, creditCard];
    let result;
    try {
      if (gateway.graphQL?.features.includes('tokenize_credit_cards')) result = await viaGraphQL(...rest).catch(() => viaRest(...rest));
      else result = await viaRest(...rest);
    } catch (error) {
      return [{...CUSTOMER.NETWORK, details: {originalError: {message: error.message, details: {httpStatus: error.httpStatus}}}}];
    }
    return result.nonce ? [null, result] : [{...CUSTOMER.FAILED, details: {httpStatus: 422, originalError: result}}];
  };

  emit('FRAME_READY', {field: NAME}, lead);
})();
