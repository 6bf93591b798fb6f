// A typed amount in minor units, or null for none: read as app/notation.py reads it, with that file's data.
window.readAmount = (text, {marks, pattern, decimals, longest}) => {
  const typed = [...text.trim()], plain = typed.map(sign => marks[sign] ?? sign).join('').trim();
  const found = typed.length <= longest && new RegExp(`^(?:${pattern})$`, 'iu').exec(plain);
  if (!found) return null;
  const [, units, ...fractions] = found, fraction = (fractions.find(Boolean) || '').slice(0, decimals);
  return Number(units.replace(/[^0-9]/g, '') + fraction.padEnd(decimals, '0'));
};
