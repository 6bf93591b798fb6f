// Formatting and validation of card numbers, expiration dates and security codes.
// Every check returns {text, isValid, isPotentiallyValid}; potentially valid input can still become valid.
window.cardRules = (() => {
  const FOURS = [4, 8, 12];
  const brand = (type, niceType, prefixes, lengths, gaps = FOURS, code = {name: 'CVV', size: 3}) =>
    ({type, niceType, prefixes, lengths, gaps, code, supported: true});
  const BRANDS = [
    brand('visa', 'Visa', [4], [16, 18, 19]),
    brand('master-card', 'Mastercard', [[51, 55], [2221, 2720]], [16], FOURS, {name: 'CVC', size: 3}),
    brand('american-express', 'American Express', [34, 37], [15], [4, 10], {name: 'CID', size: 4}),
    brand('diners-club', 'Diners Club', [[300, 305], 36, 38, 39], [14, 16, 19], [4, 10]),
    brand('discover', 'Discover', [6011, [644, 649], 65], [16, 19], FOURS, {name: 'CID', size: 3}),
    brand('jcb', 'JCB', [2131, 1800, [3528, 3589]], [16, 17, 18, 19]),
    brand('unionpay', 'UnionPay', [62, 81], [14, 15, 16, 17, 18, 19], FOURS, {name: 'CVN', size: 3}),
    brand('elo', 'Elo', [401178, 438935, 457631, [506699, 506778], 627780, 636297], [16], FOURS, {name: 'CVE', size: 3}),
    brand('maestro', 'Maestro', [493698, [500000, 506698], [506779, 508999], [56, 59], 63, 67], [12, 13, 14, 15, 16, 17, 18, 19], FOURS, {name: 'CVC', size: 3}),
  ];

  // How many digits of `number` agree with the prefix: 0 is a mismatch.
  const agreement = (number, prefix) => {
    const [low, high] = [].concat(prefix, prefix).slice(0, 2).map(String);
    const n = Math.min(number.length, low.length), digits = number.slice(0, n);
    return n && digits >= low.slice(0, n) && digits <= high.slice(0, n) ? n : 0;
  };

  // The brands that `number` can still become; a complete prefix leaves one.
  const brandsOf = number => {
    if (!number) return BRANDS;
    const scored = BRANDS.map(b => [Math.max(...b.prefixes.map(p => agreement(number, p))), b]).filter(([n]) => n);
    const whole = scored.filter(([, b]) => b.prefixes.some(p => agreement(number, p) === String([].concat(p)[0]).length));
    if (whole.length < scored.length || !whole.length) return scored.map(([, b]) => b);
    return [whole.sort((a, b) => b[0] - a[0])[0][1]];
  };

  const luhn = number => [...number].reverse().reduce((sum, digit, i) => {
    const n = digit * (i % 2 ? 2 : 1);
    return sum + (n > 9 ? n - 9 : n);
  }, 0) % 10 === 0;

  const number = text => {
    const digits = text.replace(/\D/g, ''), brands = brandsOf(digits);
    const known = brands.length === 1 ? brands[0] : null;
    const lengths = brands.flatMap(b => b.lengths), longest = Math.max(0, ...lengths);
    const kept = digits.slice(0, longest || 19), gaps = known ? known.gaps : FOURS;
    const isValid = Boolean(brands.length) && lengths.includes(kept.length) && luhn(kept);
    return {
      text: [...kept].map((d, i) => (gaps.includes(i) ? ' ' : '') + d).join(''), digits: kept, brands, known,
      isValid, isPotentiallyValid: isValid || (Boolean(brands.length) && kept.length < longest),
    };
  };

  const expirationDate = (text, deleting) => {
    let [month, year] = text.includes('/') ? text.split('/') : [text, ''];
    month = month.replace(/\D/g, ''); year = year.replace(/\D/g, '');
    if (!text.includes('/')) {
      if (month > '1' && month[0] > '1') month = '0' + month;
      year = month.slice(2); month = month.slice(0, 2);
    } else if (month.length === 1 && month !== '0') month = '0' + month;
    month = month.slice(0, 2); year = year.slice(0, 4);
    const whole = year.length === 2 ? '20' + year : year, now = new Date();
    const age = (whole - now.getFullYear()) * 12 + (month - 1 - now.getMonth());
    const monthIsRight = month.length === 2 && month >= '01' && month <= '12';
    const isValid = monthIsRight && [2, 4].includes(year.length) && age >= 0 && age <= 19 * 12;
    const startsRight = '20'.startsWith(year.slice(0, 2)) || year.length === 1;
    return {
      text: month.length === 2 && (year || !deleting) ? `${month} / ${year}` : month, month, year: whole, isValid,
      isPotentiallyValid: isValid || (['', '0', '1'].includes(month) && !year) || (monthIsRight && year.length < 4 && (startsRight || !year)),
    };
  };

  const cvv = (text, card) => {
    const sizes = card ? [card.code.size] : [3, 4], digits = text.replace(/\D/g, '').slice(0, Math.max(...sizes));
    const isValid = sizes.includes(digits.length);
    return {text: digits, isValid, isPotentiallyValid: true};
  };

  const postalCode = text => ({text: text.slice(0, 8), isValid: text.trim().length > 2, isPotentiallyValid: true});
  const cardholderName = text => ({text: text.slice(0, 255), isValid: Boolean(text.trim()) && !/^[\d\s-]+$/.test(text), isPotentiallyValid: !/^[\d\s-]+$/.test(text)});
  return {number, expirationDate, cvv, postalCode, cardholderName};
})();
