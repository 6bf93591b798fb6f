// A press on Pay before pay.js listens is kept for it: sent by the browser alone, the form would have no card.
(() => {
  let pressed = false;
  const part = name => document.querySelector(`#payment-card [data-${name}]`);
  const keep = e => {
    if (e.target.id !== 'pay-form') return;
    e.preventDefault();
    e.stopImmediatePropagation();
    pressed = true;
    part('card-early').hidden = false;
  };
  const fail = () => { part('card-trouble').hidden = false; };  // pay.js is blocked, or did not arrive
  document.addEventListener('submit', keep, {capture: true});
  addEventListener('load', fail);
  // Called by pay.js when it listens: whether Pay was pressed before.
  window.takeEarlyPress = () => {
    document.removeEventListener('submit', keep, {capture: true});
    removeEventListener('load', fail);
    return pressed;
  };
})();
